import CeleryWorker

/// `system.health.fleet(timeout=1, expected=None)` asks all workers, Chard's and Python's, and says who answers, what
/// they do, and who is missing.
///
/// Missing is who sends heartbeats and does not answer, who has stopped sending them within the last hour without a
/// good-bye, and who is in `expected` (node names) and does not answer. The answer comes after two timeouts (seconds, 0.1
/// to 8) at most; it is a success whatever it finds. See ``FleetReport``. Python sees ValueError for wrong arguments.
struct HealthFleetTask: CeleryTask {
    typealias Output = FleetReport

    static let name = "system.health.fleet"
    static let options = TaskOptions(softTimeLimit: .seconds(20), hardTimeLimit: .seconds(25))
    private static let maxExpected = 10_000

    var timeout: Double?
    var expected: [String]?

    func report(_ celery: Celery, _ context: TaskContext) async throws -> FleetReport {
        let seconds = timeout ?? 1
        guard (0.1...8).contains(seconds) else {
            throw ExceptionRecord.valueError("timeout must be from 0.1 to 8 seconds, not \(seconds)")
        }
        guard (expected?.count ?? 0) <= Self.maxExpected else {
            throw ExceptionRecord.valueError("expected must name at most \(Self.maxExpected) nodes")
        }
        let survey = FleetSurvey(
            celery: celery,
            worker: context.hostname,
            roster: context.roster,
            expected: expected ?? [],
            timeout: .seconds(seconds)
        )
        return try await survey.run()
    }
}
