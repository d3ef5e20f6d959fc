import Testing

@testable import CeleryMonitor

/// What `WhereaboutsRules` say of a task, by the traces of it.
@Suite struct WhereaboutsTests {
    static let now = 1_800_000_000.0

    static func record(_ state: String, _ change: (inout TaskRecord) -> Void = { _ in }) -> TaskRecord {
        var record = TaskRecord(id: "x", state: state, timestamp: now - 5)
        record.queue = "orders"
        change(&record)
        return record
    }

    static func queue(ready: Int = 0, held: Int = 0, consumers: Int = 1, paused: Bool = false) -> QueuePicture {
        var queue = QueuePicture(name: "orders", type: "classic")
        (queue.ready, queue.unacknowledged, queue.consumers, queue.isPaused) = (ready, held, consumers, paused)
        return queue
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var change: @Sendable (inout TaskTraces) -> Void
        var verdict: String
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "nobody knows it", change: { $0.record = nil }, verdict: "Nobody knows it"),
        Case(name: "it has ended", change: { $0.stored = "SUCCESS" }, verdict: "It has ended: SUCCESS."),
        Case(name: "it runs", change: { $0.holders = ["w@a": "active"] }, verdict: "It is running at w@a."),
        Case(
            name: "it runs here and waits there",
            change: { $0.holders = ["w@a": "reserved", "w@b": "active"] },
            verdict: "It is running at w@b."
        ),
        Case(name: "it is fetched", change: { $0.holders = ["w@a": "reserved"] }, verdict: "w@a has fetched it"),
        Case(
            name: "a worker holds it for its time",
            change: { $0.holders = ["w@a": "scheduled"] },
            verdict: "w@a has it and waits for its time"
        ),
        Case(name: "it is revoked", change: { $0.isRevoked = true }, verdict: "It is revoked"),
        Case(
            name: "its time has not come",
            change: { $0.record?.eta = "2099-01-01T00:00:00+00:00" },
            verdict: "It waits in the broker for its time, 2099-01-01"
        ),
        Case(name: "it failed before", change: { $0.record?.state = "RETRY" }, verdict: "It failed and waits"),
        Case(
            name: "it could not be run",
            change: { $0.deadReason = "unknown-task: no such task" },
            verdict: "It could not be run and lies with the dead letters of queue orders: unknown-task"
        ),
        Case(name: "it waits", change: { _ in }, verdict: "It probably waits in queue orders."),
        Case(
            name: "its queue is paused",
            change: { $0.queue = queue(ready: 2, consumers: 0, paused: true) },
            verdict: "It probably waits in queue orders, which is paused."
        ),
        Case(
            name: "nobody consumes its queue",
            change: { $0.queue = queue(ready: 2, consumers: 0) },
            verdict: "It probably waits in queue orders, which nobody consumes."
        ),
        Case(name: "it is nowhere", change: { $0.queue = queue() }, verdict: "Nobody has it: queue orders is empty."),
        Case(
            name: "a worker is silent",
            change: { $0.queue = queue(held: 3) },
            verdict: "It is probably at a worker that did not answer"
        ),
        Case(
            name: "its queue is not there",
            change: { $0.queue = nil },
            verdict: "It is probably in queue orders, which the broker does not show."
        ),
    ]

    @Test(arguments: cases) func theVerdictSaysWhatIsCertainFirst(_ one: Case) {
        var traces = TaskTraces(now: Self.now, record: Self.record("PENDING"))
        traces.queueName = "orders"
        traces.queue = Self.queue(ready: 12, consumers: 2)
        traces.workers = 3
        one.change(&traces)
        let found = WhereaboutsRules.judge(traces)
        #expect(found.verdict.hasPrefix(one.verdict), "said: \(found.verdict)")
    }

    @Test func whatCanNotBeKnownIsNotGuessed() {
        var traces = TaskTraces(now: Self.now, record: Self.record("PENDING"))
        traces.queueName = "orders"
        traces.queue = Self.queue(ready: 12, held: 4, consumers: 2)
        traces.workers = 3
        traces.deadSeen = 0
        let evidence = WhereaboutsRules.judge(traces).evidence
        #expect(
            evidence == [
                .init(source: "events", text: "PENDING, 5 s ago"),
                .init(source: "result store", text: "has nothing of it"),
                .init(source: "workers", text: "none of 3 has it"),
                .init(
                    source: "queue orders",
                    text: "12 messages wait there, ahead of it or behind it; workers hold 4; 2 consumers"
                ),
                .init(source: "dead letters", text: "there are none"),
            ]
        )
    }

    @Test func sourcesThatCanNotBeAskedAreNamed() {
        var traces = TaskTraces(now: Self.now, record: nil)
        traces.resultProblem = "refused"
        traces.workersProblem = "timed out"
        let texts = WhereaboutsRules.judge(traces).evidence.map(\.text)
        #expect(texts.contains("could not be asked: refused") && texts.contains("could not be asked: timed out"))
    }
}
