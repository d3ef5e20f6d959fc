import Connections
import Foundation
import Testing

@testable import CeleryMonitor

/// What `FindingRules` make of situations: each row one that is wrong, beside the same one in order.
@Suite struct FindingsTests {
    static let now = 1_800_000_000.0

    static func situation(_ change: (inout Situation) -> Void = { _ in }) -> Situation {
        var situation = Situation(now: now)
        situation.broker.time = now
        situation.broker.queues = [queue("orders") { $0.consumers = 1 }]
        situation.workers = [worker("w@a")]
        situation.surveyed = now - 10
        situation.reports = ["w@a": report(["orders"])]
        change(&situation)
        return situation
    }

    static func queue(_ name: String, _ change: (inout QueuePicture) -> Void = { _ in }) -> QueuePicture {
        var queue = QueuePicture(name: name, type: "classic")
        change(&queue)
        return queue
    }

    static func worker(_ name: String, _ change: (inout WorkerStatus) -> Void = { _ in }) -> WorkerStatus {
        var worker = WorkerStatus(
            name: name,
            isAlive: true,
            isOffline: false,
            lastHeard: now - 20,
            drift: 0,
            frequency: 2,
            load: []
        )
        change(&worker)
        return worker
    }

    static func report(_ queues: [String]) -> WorkerReport {
        WorkerReport(asked: now - 10, activeQueues: queues.map { ["name": .string($0)] })
    }

    static func node(_ json: String) throws -> RabbitMQManagement.Node {
        try JSONDecoder().decode(RabbitMQManagement.Node.self, from: Data(json.utf8))
    }

    @Test func nothingIsFoundWhereAllIsInOrder() { #expect(FindingRules.findings(Self.situation()).isEmpty) }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var change: @Sendable (inout Situation) -> Void
        var severity: Finding.Severity
        var text: String
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(
            name: "workers claim a queue that has no consumer",
            change: { $0.broker.queues[0].consumers = 0 },
            severity: .critical,
            text: "The broker knows no consumer of queue orders, which w@a claims to consume."
        ),
        Case(
            name: "messages wait and nobody consumes",
            change: {
                $0.broker.queues[0].consumers = 0
                $0.broker.queues[0].ready = 3
                $0.reports = ["w@a": report([])]
            },
            severity: .critical,
            text: "3 messages wait in queue orders, and nobody consumes it."
        ),
        Case(
            name: "unacknowledged messages of nobody",
            change: {
                $0.broker.queues[0].consumers = 0
                $0.broker.queues[0].unacknowledged = 1
                $0.reports = ["w@a": report([])]
            },
            severity: .warning,
            text: "1 message of queue orders are with somebody who consumes it no longer."
        ),
        Case(
            name: "a worker is alive and does not answer",
            change: { $0.workers.append(worker("mute@b")) },
            severity: .warning,
            text: "mute@b sends heartbeats, but did not answer when it was asked."
        ),
        Case(
            name: "a worker answers and sends no heartbeats",
            change: { $0.reports["dark@b"] = report([]) },
            severity: .warning,
            text: "dark@b answers, but no heartbeat of it is heard."
        ),
        Case(
            name: "tasks are processed and no events heard",
            change: {
                $0.workers[0].processed = 10
                $0.before = ["w@a": .init(processed: 4, events: 0)]
            },
            severity: .warning,
            text: "w@a runs tasks without telling of them."
        ),
        Case(
            name: "a clock is ahead",
            change: { $0.workers[0].drift = 61.2 },
            severity: .warning,
            text: "The clock of w@a is 61 seconds ahead."
        ),
        Case(
            name: "a clock is absurd",
            change: { $0.workers[0].drift = -.infinity },
            severity: .warning,
            text: "The clock of w@a is \(Int.max) seconds behind."
        ),
        Case(
            name: "copies are behind",
            change: {
                $0.broker.queues[0].members = ["r@1", "r@2", "r@3"]
                $0.broker.queues[0].synchronized = ["r@1", "r@3"]
            },
            severity: .warning,
            text: "Queue orders is not in step on r@2."
        ),
        Case(
            name: "a quorum is gone",
            change: {
                $0.broker.queues[0].type = "quorum"
                $0.broker.queues[0].members = ["r@1", "r@2", "r@3"]
                $0.broker.queues[0].synchronized = ["r@1"]
            },
            severity: .critical,
            text: "Queue orders is not in step on r@2 and r@3."
        ),
        Case(
            name: "dead letters grow",
            change: {
                $0.broker.queues.append(queue("orders.dead") { $0.ready = 5 })
                $0.deadBefore = ["orders.dead": 3]
            },
            severity: .warning,
            text: "2 messages of queue orders could not be run in the last ten minutes."
        ),
        Case(
            name: "a result is stored and no event told of it",
            change: { $0.endedSilently = [.init(id: "x", state: "STARTED", stored: "SUCCESS")] },
            severity: .note,
            text: "Task x is SUCCESS in the result store, and STARTED by its events."
        ),
        Case(
            name: "the broker does not answer",
            change: { $0.broker.problem = "The broker does not answer: refused." },
            severity: .critical,
            text: "The broker does not answer: refused."
        ),
    ]

    @Test(arguments: cases) func whatIsWrongIsSaidOnce(_ one: Case) {
        let found = FindingRules.findings(Self.situation(one.change))
        #expect(found.map(\.text) == [one.text])
        #expect(found.first?.severity == one.severity)
        #expect(found.allSatisfy { !$0.advice.isEmpty || one.name == "the broker does not answer" })
    }

    @Test func nodesAlarmsAndPartitionsAreCritical() throws {
        var situation = Self.situation()
        situation.broker.nodes = [
            try Self.node(#"{"name": "r@1", "running": false}"#),
            try Self.node(#"{"name": "r@2", "running": true, "mem_alarm": true}"#),
            try Self.node(#"{"name": "r@3", "running": true, "partitions": ["r@2"]}"#),
        ]
        let found = FindingRules.findings(situation)
        #expect(found.map(\.severity) == [.critical, .critical, .critical])
        #expect(
            found.map(\.text) == [
                "The broker's node r@1 is down.", "The broker takes no messages: r@2 is short of memory.",
                "The broker's cluster is split: r@3 has lost sight of r@2.",
            ]
        )
    }

    @Test func aPausedQueueIsNotedAndWhoConsumesItAllTheSameWarnedOf() {
        var situation = Self.situation { situation in
            situation.broker.queues[0].consumers = 0
            situation.broker.queues[0].ready = 4
            situation.broker.queues[0].isPaused = true
            situation.paused = ["orders": PausedQueue(queue: "orders", since: 0, who: "ada", consumers: [])]
            situation.reports = ["w@a": Self.report([])]
        }
        #expect(FindingRules.findings(situation).map(\.text) == ["Queue orders is paused by ada."])
        situation.reports = ["w@a": Self.report(["orders"])]
        #expect(
            FindingRules.findings(situation).map(\.text) == [
                "Queue orders is paused, but w@a consumes it.", "Queue orders is paused by ada.",
            ]
        )
    }

    @Test func oldAnswersOfWorkersProveNothing() {
        let situation = Self.situation { situation in
            situation.surveyed = Self.now - 1000
            situation.workers.append(Self.worker("mute@b"))
            situation.broker.queues[0].consumers = 0
        }
        #expect(FindingRules.findings(situation).isEmpty)
    }

    @Test func internalQueuesAndDeadLettersNeedNoConsumer() {
        let situation = Self.situation { situation in
            situation.broker.queues += [
                Self.queue("chard.delay.3") { $0.ready = 9 }, Self.queue("w@a.celery.pidbox") { $0.ready = 1 },
                Self.queue("orders.dead") { $0.ready = 1 },
            ]
        }
        #expect(FindingRules.findings(situation).isEmpty)
    }

    @Test func theGravestComesFirst() {
        let situation = Self.situation { situation in
            situation.endedSilently = [.init(id: "x", state: "STARTED", stored: "SUCCESS")]
            situation.workers[0].drift = 30
            situation.broker.queues[0].consumers = 0
        }
        #expect(FindingRules.findings(situation).map(\.severity) == [.critical, .warning, .note])
    }
}
