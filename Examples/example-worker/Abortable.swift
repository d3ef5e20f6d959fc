import CeleryWorker

/// Works until somebody asks it to stop: Python's `AbortableAsyncResult(id).abort()`, or `abort()` of an `AsyncResult`.
struct Abortable: RunnableTask {
    static let name = "examples.abortable"

    var seconds: Double

    func run(_ context: TaskContext) async throws -> String {
        let end = ContinuousClock.now + (try Duration(secondsOfTask: seconds))
        while ContinuousClock.now < end {
            // Asks Redis, so not too often.
            if try await context.isAborted() { return "aborted" }
            try await Task.sleep(for: .milliseconds(100))
        }
        return "done"
    }
}
