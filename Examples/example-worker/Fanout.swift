import CeleryWorker

/// Sends `n` additions and returns their ids.
///
/// A task must not wait for tasks that it sent: they might never get a slot while it holds one.
struct Fanout: RunnableTask {
    static let name = "examples.fanout"

    var n: Int

    func run(_ context: TaskContext) async throws -> [String] {
        guard (0...10_000).contains(n) else {
            throw ExceptionRecord.valueError("n must be from 0 to 10000, not \(n)")
        }
        // Sent by the context they are this task's children, `result.children` in Python. It returns when the broker
        // has confirmed all of them.
        return try await context.send((0..<n).map { Add(x: $0, y: $0) }).map(\.id)
    }
}
