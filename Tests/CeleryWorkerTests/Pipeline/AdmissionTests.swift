import CeleryProtocol
import Testing

@testable import CeleryWorker

/// What is done with a message before any of its code runs.
struct AdmissionTests {
    private let known = KnownTask(
        task: RegisteredTask(name: "examples.add", options: TaskOptions()) { _ in [] },
        rules: TaskRules(queue: QueueSettings(name: "q"))
    )
    private let now: Int64 = 1_700_000_000_000_000

    private func decision(_ change: (inout TaskMessage.Draft) -> Void, isKnown: Bool = true) throws -> String {
        let message = try TaskMessage.sample(change)
        switch Admission.decide(message, task: isKnown ? known : nil, now: now) {
        case .run: return "run"
        case .later(_, let eta): return "later \((eta.microsecondsSince1970 - now) / 1_000_000)"
        case .turnAway(let refusal):
            return "\(refusal.sender?.state.rawValue ?? "-") \(refusal.reason?.rawValue ?? "-")"
        }
    }

    private func time(_ seconds: Int64) -> Timestamp { Timestamp(microsecondsSince1970: now + seconds * 1_000_000) }

    @Test func decisions() throws {
        #expect(try decision { _ in } == "run")
        #expect(try decision({ _ in }, isKnown: false) == "FAILURE unknown-task")
        #expect(try decision { $0.eta = time(60) } == "later 60")
        #expect(try decision { $0.eta = time(-60) } == "run")
        #expect(try decision { $0.expires = time(60) } == "run")
        #expect(try decision { $0.expires = time(-60) } == "REVOKED -")
        #expect(
            try decision {
                $0.expires = time(-60)
                $0.eta = time(60)
            } == "REVOKED -"
        )
    }
}
