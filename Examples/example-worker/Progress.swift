import CeleryWorker

/// Says how far it is; Python reads it as `result.state` and `result.info`.
struct Progress: RunnableTask {
    static let name = "examples.progress"

    var steps: Int

    struct Meta: Encodable {
        var current: Int
        var total: Int
    }

    func run(_ context: TaskContext) async throws -> Int {
        for step in 0..<max(0, steps) {
            // Any Encodable value; the state is PROGRESS unless you say otherwise.
            try await context.progress(Meta(current: step + 1, total: steps))
            try await Task.sleep(for: .milliseconds(50))
        }
        return steps
    }
}
