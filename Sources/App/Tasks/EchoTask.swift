import CeleryWorker

/// `ai.inference.echo(value)` returns what it is given.
struct EchoTask: RunnableTask {
    static let name = "ai.inference.echo"

    var value: CeleryValue

    func run(_ context: TaskContext) async throws -> CeleryValue { value }
}
