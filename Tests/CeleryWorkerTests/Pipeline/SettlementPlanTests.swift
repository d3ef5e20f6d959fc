import CeleryProtocol
import Testing

@testable import CeleryWorker

/// What follows from each ending: the table of the reliability contract.
struct SettlementPlanTests {
    private let boom = ExceptionRecord.valueError("boom")

    private func plan(
        _ outcome: Outcome,
        _ delivery: DeliveryMode = .atLeastOnce,
        ignoresResult: Bool = false,
        keepsRejected: Bool = true
    ) -> String {
        Self.text(
            SettlementPlan(outcome, delivery: delivery, ignoresResult: ignoresResult, keepsRejected: keepsRejected)
        )
    }

    private static func text(_ plan: SettlementPlan) -> String {
        let publication =
            switch plan.publication {
            case .none: "-"
            case .canvas(let plans): "canvas \(plans.count)"
            case .retry(let delay): "retry \(delay.secondsText)"
            case .deadLetter(let reason, _): "dead \(reason.rawValue)"
            }
        var storing = "-"
        if case .state(let state, _, _) = plan.storing { storing = state.rawValue }
        let report =
            plan.report.map { " | tell \($0.state.rawValue)\($0.exception == nil ? "" : " and errbacks")" } ?? ""
        return "\(publication) | \(storing)\(report) | \(plan.answer)"
    }

    private func inWorkflow(_ outcome: Outcome, ignoresResult: Bool = false) -> String {
        Self.text(
            SettlementPlan(
                outcome,
                delivery: .atLeastOnce,
                ignoresResult: ignoresResult,
                keepsRejected: true,
                isInWorkflow: true
            )
        )
    }

    @Test func aWorkflowLearnsOfEveryEndButARetry() {
        #expect(inWorkflow(.succeeded([])) == "- | SUCCESS | tell SUCCESS | acknowledge")
        #expect(inWorkflow(.failed(boom, traceback: "")) == "- | FAILURE | tell FAILURE and errbacks | acknowledge")
        #expect(inWorkflow(.revoked(reason: "terminated")) == "- | REVOKED | tell REVOKED | acknowledge")
        #expect(inWorkflow(.retry(after: .zero, nil, traceback: "")) == "retry 0 | RETRY | acknowledge")
        #expect(inWorkflow(.ignored) == "- | - | acknowledge")
        #expect(inWorkflow(.interrupted) == "- | - | none")
        let rejected = inWorkflow(.rejected(TaskRejected(requeue: false)))
        #expect(rejected == "dead rejected | FAILURE | tell FAILURE and errbacks | acknowledge")
    }

    @Test func aWorkflowIsToldEvenIfNothingIsStored() {
        #expect(inWorkflow(.succeeded([]), ignoresResult: true) == "- | - | tell SUCCESS | acknowledge")
    }

    @Test func aLostConnectionAnswersNothing() {
        #expect(plan(.cancelled) == "- | RETRY | none")
    }

    @Test func endings() {
        #expect(plan(.succeeded([])) == "- | SUCCESS | acknowledge")
        #expect(plan(.failed(boom, traceback: "t")) == "- | FAILURE | acknowledge")
        #expect(plan(.retry(after: .seconds(2), boom, traceback: "t")) == "retry 2 | RETRY | acknowledge")
        #expect(plan(.ignored) == "- | - | acknowledge")
        #expect(plan(.interrupted) == "- | - | none")
        #expect(plan(.rejected(TaskRejected(requeue: true))) == "- | - | requeue")
        #expect(plan(.rejected(TaskRejected(requeue: false))) == "dead rejected | FAILURE | acknowledge")
    }

    @Test func anEarlyAcknowledgementLeavesNothingToAnswer() {
        #expect(plan(.succeeded([]), .atMostOnce) == "- | SUCCESS | none")
        #expect(plan(.rejected(TaskRejected(requeue: true)), .atMostOnce) == "- | - | none")
        #expect(plan(.retry(after: .zero, nil, traceback: ""), .atMostOnce) == "retry 0 | RETRY | none")
        #expect(plan(.interrupted, .atMostOnce) == "- | FAILURE | none")
    }

    @Test func anIgnoredResultIsNotStored() {
        #expect(plan(.succeeded([]), ignoresResult: true) == "- | - | acknowledge")
        #expect(plan(.failed(boom, traceback: ""), ignoresResult: true) == "- | - | acknowledge")
    }

    @Test func withoutADeadLetterQueueARejectedMessageIsGone() {
        let rejected = Outcome.rejected(TaskRejected(requeue: false))
        #expect(plan(rejected, keepsRejected: false) == "- | FAILURE | acknowledge")
    }

    @Test func whatIsTurnedAwayIsKeptAndItsSenderTold() throws {
        let message = try TaskMessage.sample()
        let unknown = SettlementPlan(.unknownTask(message), keepsRejected: true)
        #expect(Self.text(unknown) == "dead unknown-task | FAILURE | acknowledge")
        let expired = SettlementPlan(.expired(message), keepsRejected: true)
        #expect(Self.text(expired) == "- | REVOKED | acknowledge")
        let killer = SettlementPlan(.tooManyDeliveries(message, starts: 6), keepsRejected: true)
        #expect(Self.text(killer) == "dead max-deliveries | FAILURE | acknowledge")
    }
}

extension TaskMessage {
    /// A message as Celery would send it, through the wire and back.
    static func sample(_ change: (inout Draft) -> Void = { _ in }) throws -> TaskMessage {
        var draft = Draft(id: "id-1", task: "examples.add", args: [1, 2], origin: "test")
        change(&draft)
        let publication = try draft.publication(routingKey: "q", now: Timestamp(microsecondsSince1970: 0))
        let bytes = publication.properties + publication.body
        return try decode(
            properties: 0..<publication.properties.count,
            body: publication.properties.count..<bytes.count,
            in: bytes,
            deliveryInfo: DeliveryInfo(exchange: "", routingKey: "q")
        )
    }
}
