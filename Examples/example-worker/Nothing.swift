import CeleryWorker

/// Does nothing, and nothing is stored for it, which is the fastest a task can be.
struct Nothing: RunnableTask {
    static let name = "examples.nothing"
    static let options = TaskOptions(ignoreResult: true)

    func run(_ context: TaskContext) async throws {}
}
