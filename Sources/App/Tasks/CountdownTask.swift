import CeleryWorker

/// `ai.training.countdown(steps=5, seconds_per_step=1)` stands for a training: it takes time and says how far it is.
///
/// After each step its state is PROGRESS with `{"current", "total"}`. It returns `{"steps"}`.
struct CountdownTask: RunnableTask {
    static let name = "ai.training.countdown"

    private static let maxSteps = 100_000
    private static let maxSecondsPerStep = 3600.0

    var steps: Int?
    var secondsPerStep: Double?

    struct Progress: Encodable {
        var current: Int
        var total: Int
    }

    struct Summary: Codable {
        var steps: Int
    }

    private enum CodingKeys: String, CodingKey {
        case steps
        case secondsPerStep = "seconds_per_step"
    }

    func run(_ context: TaskContext) async throws -> Summary {
        let total = steps ?? 5
        let seconds = secondsPerStep ?? 1
        guard (0...Self.maxSteps).contains(total) else {
            throw ExceptionRecord.valueError("steps must be from 0 to \(Self.maxSteps), not \(total)")
        }
        guard (0...Self.maxSecondsPerStep).contains(seconds) else {
            throw ExceptionRecord.valueError("seconds_per_step must be from 0 to 3600, not \(seconds)")
        }
        for step in 1..<(total + 1) {
            try await Task.sleep(for: .seconds(seconds))
            try await context.progress(Progress(current: step, total: total))
        }
        return Summary(steps: total)
    }
}
