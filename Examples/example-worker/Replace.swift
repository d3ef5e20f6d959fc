import CeleryWorker

/// Lets another task, a chain, a group or a chord take its place: whoever waits for this task gets their result.
struct Replace: RunnableTask {
    static let name = "examples.replace"

    var signature: CeleryValue

    func run(_ context: TaskContext) async throws {
        guard let signature = Signature(celeryValue: signature) else {
            throw ExceptionRecord.typeError("the argument is no signature")
        }
        throw context.replace(with: signature)
    }
}
