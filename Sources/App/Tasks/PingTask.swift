import CeleryWorker

/// `system.health.ping()` returns "pong".
struct PingTask: RunnableTask {
    static let name = "system.health.ping"

    func run(_ context: TaskContext) async throws -> String { "pong" }
}
