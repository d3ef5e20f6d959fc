import CeleryWorker

/// Waits without holding a thread, so that thousands can wait at once.
struct Sleep: RunnableTask {
    static let name = "examples.sleep"
    // Options of the task; queues.yaml may say otherwise.
    static let options = TaskOptions(hardTimeLimit: .seconds(3600))

    var seconds: Double

    func run(_ context: TaskContext) async throws -> Double {
        // Cancelled when the soft time limit passes; the error then thrown becomes SoftTimeLimitExceeded.
        try await Task.sleep(for: Duration(secondsOfTask: seconds))
        return seconds
    }
}

extension Duration {
    /// Checks what a sender gave, and says what is wrong with it as Python would.
    init(secondsOfTask seconds: Double) throws {
        guard (0...86_400).contains(seconds) else {
            throw ExceptionRecord.valueError("seconds must be from 0 to 86400, not \(seconds)")
        }
        self = .seconds(seconds)
    }
}
