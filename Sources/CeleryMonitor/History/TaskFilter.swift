/// Which tasks, and in which order.
struct TaskFilter: Sendable, Hashable {
    enum Order: String, Sendable, CaseIterable {
        /// Of the newest event.
        case timestamp, received, started, runtime, name, state, worker
    }

    /// Any of these; empty: all.
    var states: Set<String> = []
    /// Of names, workers and queues: exactly, or with `*` for any characters.
    var name: String?
    var worker: String?
    var queue: String?
    var tenant: String?
    /// Of an id, its beginning.
    var id: String?
    var root: String?
    /// Of the time when it was received, else sent; seconds since 1970.
    var from: Double?
    var to: Double?
    /// Words in name, arguments, result, exception; all of them.
    var text: String?
    /// Seconds that it ran at least.
    var minimalRuntime: Double?
    var order = Order.timestamp
    var isDescending = true
}

/// A page of tasks.
struct TaskPage: Sendable {
    var tasks: [TaskRecord]
    /// Where the next page begins; nil on the last one. Opaque.
    var next: String?
    /// How many there are in all; nil when counting would take too long.
    var total: Int?
}
