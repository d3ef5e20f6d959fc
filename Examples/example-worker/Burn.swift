import CeleryWorker

/// Keeps a core busy and never suspends; returns how many rounds it made.
///
/// A task known to do so should say `TaskOptions(blocks: true)`, so that nothing is ever queued behind it. This one
/// does not, to show that the worker notices by itself.
struct Burn: RunnableTask {
    static let name = "examples.burn"

    var seconds: Double

    func run(_ context: TaskContext) async throws -> Double {
        let end = ContinuousClock.now + (try Duration(secondsOfTask: seconds))
        var rounds = 0
        while ContinuousClock.now < end {
            rounds += 1
            // Code that does not suspend is not interrupted; it has to ask whether it should stop.
            if rounds.isMultiple(of: 1000) { try context.checkCancellation() }
        }
        return seconds
    }
}
