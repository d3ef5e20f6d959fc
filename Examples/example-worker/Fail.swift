import CeleryWorker

/// Fails with an exception that Python knows: `result.get()` raises `ValueError(message)` there.
struct Fail: RunnableTask {
    static let name = "examples.fail"

    var message: String

    func run(_ context: TaskContext) async throws {
        // Any Swift error will do; it then appears as an exception of the error's name.
        throw ExceptionRecord.valueError(message)
    }
}
