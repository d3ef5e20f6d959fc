import CeleryWorker

/// Fails whatever comes in; for the middle of a chain or a chord.
struct FailWith: RunnableTask {
    static let name = "examples.fail_with"

    var value: CeleryValue
    var message: String

    func run(_ context: TaskContext) async throws { throw ExceptionRecord.valueError(message) }
}
