import CeleryWorker

/// Returns what it is given. `CeleryValue` is any value at all, for when the type is not known beforehand.
struct Echo: RunnableTask {
    static let name = "examples.echo"

    var value: CeleryValue

    func run(_ context: TaskContext) async throws -> CeleryValue { value }
}
