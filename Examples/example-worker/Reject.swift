import CeleryWorker

/// Refuses its message: to the dead-letter queue, or with `requeue` back to its own, for another worker.
struct Reject: RunnableTask {
    static let name = "examples.reject"

    // An optional parameter may be left out.
    var requeue: Bool?

    func run(_ context: TaskContext) async throws {
        throw TaskRejected("this task rejects every message", requeue: requeue ?? false)
    }
}
