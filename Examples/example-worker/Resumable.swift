import CeleryWorker

/// `examples.resumable(steps, seconds)` counts steps, keeps a checkpoint after each, and goes on from the last one when
/// it is started again.
///
/// Returns the steps and how many starts they took.
struct Resumable: RunnableTask {
    static let name = "examples.resumable"
    static let options = TaskOptions(leased: true)

    var steps: Int
    var seconds: Double

    struct Position: Codable {
        var step = 0
        var starts = 0
    }

    func run(_ context: TaskContext) async throws -> [Int] {
        var position = try await context.lastCheckpoint(as: Position.self) ?? Position()
        position.starts += 1
        while position.step < steps {
            try await context.checkpoint(position)
            try await context.progress(["step": position.step])
            try await Task.sleep(for: .seconds(seconds))
            position.step += 1
        }
        return [position.step, position.starts]
    }
}
