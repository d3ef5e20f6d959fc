import CeleryWorker

/// Asks for another try `times` times, at once or after a delay in seconds, then returns how often it ran.
struct Retry: RunnableTask {
    static let name = "examples.retry"

    var times: Int
    var delay: Double?

    func run(_ context: TaskContext) async throws -> Int {
        guard context.retries < times else { return context.retries + 1 }
        // A retry is thrown. Without arguments it waits 1, 2, 4, 8, 16 seconds, and gives up after 5 retries.
        throw context.retry(after: try Duration(secondsOfTask: delay ?? 0), maxRetries: times)
    }
}
