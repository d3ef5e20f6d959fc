import CeleryProtocol
import OrderedCollections

/// An event with what earlier events of its task tell: most events carry an id and no name.
struct NamedEvent: Sendable {
    var event: CeleryMap
    var type: String
    var hostname: String
    /// Of the task; nil for events of workers, and while nobody told.
    var name: String?
    /// The task as it was after this event; nil for events of workers.
    var task: TaskInFlight?
}

/// What metrics need to know of a task that has not ended; times are seconds since 1970.
struct TaskInFlight: Sendable, Hashable {
    var name: String?
    var received: Double?
    var started: Double?
    /// It waits for its time, which says nothing about the worker.
    var isScheduled = false
}
