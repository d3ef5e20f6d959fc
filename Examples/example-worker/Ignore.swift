import CeleryWorker

/// Ends without a result: whatever was stored for it stays as it was.
struct Ignore: RunnableTask {
    static let name = "examples.ignore"

    func run(_ context: TaskContext) async throws {
        throw TaskIgnored()
    }
}
