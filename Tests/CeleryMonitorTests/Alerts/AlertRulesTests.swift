import CeleryProtocol
import Connections
import OrderedCollections
import Testing

@testable import CeleryMonitor

/// Each rule on a snapshot: what it measures, and how bad that is.
@Suite struct AlertRulesTests {
    private typealias Level = AlertReading.Level

    private func read(
        _ rule: any AlertRule.Type,
        _ change: (inout AlertInputs) -> Void
    ) -> [AlertReading]? {
        var inputs = AlertInputs(now: 10_000)
        inputs.broker.time = 9_999
        change(&inputs)
        return rule.readings(inputs, rule.defaults)
    }

    private func queue(
        _ name: String,
        ready: Int = 0,
        consumers: Int = 1,
        oldest: Double? = nil,
        isPaused: Bool = false
    ) -> QueuePicture {
        var queue = QueuePicture(name: name, type: "classic")
        queue.ready = ready
        queue.consumers = consumers
        queue.oldest = oldest
        queue.isPaused = isPaused
        return queue
    }

    @Test(
        arguments: [(0, 0, nil), (99, 0, Level.good), (99, 1, .near), (98, 2, .bad), (0, 1, .bad)]
            as [(Int, Int, Level?)]
    )
    func errorRate(succeeded: Int, failed: Int, level: AlertReading.Level?) {
        let readings = read(ErrorRateRule.self) { $0.recent = .init(succeeded: succeeded, failed: failed) }
        #expect(readings?.first?.level == level)
    }

    @Test func errorRateIsUnknownWithoutTheHistory() {
        #expect(read(ErrorRateRule.self) { _ in } == nil)
    }

    @Test func oldestMessage() {
        let readings = read(OldestMessageRule.self) {
            $0.broker.queues = [
                queue("old", oldest: 9_600), queue("young", oldest: 9_950), queue("empty"),
                queue("chard.delay.5", oldest: 1), queue("old.dead", oldest: 1),
            ]
        }
        #expect(readings?.map(\.subject) == ["old", "young"])
        #expect(readings?.map(\.level) == [.bad, .good])
        #expect(readings?.first?.value == 400)
    }

    @Test func noConsumer() {
        let readings = read(NoConsumerRule.self) {
            $0.broker.queues = [
                queue("alone", ready: 3, consumers: 0), queue("served", ready: 3),
                queue("paused", ready: 3, consumers: 0, isPaused: true), queue("empty", consumers: 0),
                queue("alone.dead", ready: 3, consumers: 0),
            ]
        }
        #expect(readings?.map(\.subject) == ["alone", "empty"])
        #expect(readings?.map(\.level) == [.bad, .good])
    }

    @Test func deadLetters() {
        func sample(_ ready: Int, at time: Double) -> QueueSample {
            QueueSample(
                queue: "q.dead",
                time: time,
                ready: ready,
                unacknowledged: 0,
                consumers: 0,
                published: 0,
                delivered: 0
            )
        }
        func level(_ now: Int, _ samples: [QueueSample]) -> AlertReading.Level? {
            read(DeadLettersRule.self) {
                $0.broker.queues = [queue("q.dead", ready: now), queue("q", ready: 5)]
                $0.deadLetters = ["q.dead": samples]
            }?.first?.level
        }
        #expect(level(5, [sample(5, at: 9_500), sample(5, at: 9_900)]) == .good)
        #expect(level(6, [sample(5, at: 9_500)]) == .bad)
        #expect(level(2, [sample(5, at: 9_500)]) == .good, "somebody has dropped some")
        #expect(level(6, [sample(2, at: 9_000), sample(6, at: 9_500)]) == .good, "it grew before")
        #expect(level(1, []) == .bad, "the queue is new")
    }

    @Test func workerLost() {
        func worker(_ name: String, isAlive: Bool, isOffline: Bool = false, heard: Double) -> WorkerStatus {
            var worker = WorkerStatus(
                name: name,
                isAlive: isAlive,
                isOffline: isOffline,
                lastHeard: heard,
                drift: 0,
                frequency: 2,
                load: []
            )
            worker.counts = EventCounts()
            return worker
        }
        let readings = read(WorkerLostRule.self) {
            $0.workers = [
                worker("alive", isAlive: true, heard: 9_999), worker("lost", isAlive: false, heard: 9_900),
                worker("left", isAlive: false, isOffline: true, heard: 9_900),
                worker("forgotten", isAlive: false, heard: 1),
            ]
        }
        #expect(readings?.map(\.subject) == ["lost"])
        #expect(readings?.first?.value == 100)
    }

    @Test func machines() {
        var worker = WorkerStatus(
            name: "w",
            isAlive: true,
            isOffline: false,
            lastHeard: 9_999,
            drift: 0,
            frequency: 2,
            load: [7, 1, 1]
        )
        worker.pid = 1
        var report = WorkerReport(asked: 9_990)
        report.stats = [
            "chard": ["machine": ["processors": 8, "memory_total": 1000, "memory_available": 150]]
        ]
        func readings(_ rule: any AlertRule.Type, _ report: WorkerReport?) -> [AlertReading]? {
            read(rule) {
                $0.workers = [worker]
                $0.reports = report.map { ["w": $0] } ?? [:]
            }
        }
        #expect(readings(WorkerCPURule.self, report)?.map(\.value) == [87.5])
        #expect(readings(WorkerCPURule.self, report)?.map(\.level) == [.bad])
        #expect(readings(WorkerMemoryRule.self, report)?.map(\.value) == [85])
        // A Python worker tells nothing of its machine.
        report.stats = ["rusage": ["maxrss": 1]]
        #expect(readings(WorkerCPURule.self, report) == [])
        #expect(readings(WorkerMemoryRule.self, nil) == [])
        // What a stranger says must not trap.
        report.stats = ["chard": ["machine": ["processors": 0, "memory_total": -5, "memory_available": "much"]]]
        #expect(readings(WorkerCPURule.self, report) == [] && readings(WorkerMemoryRule.self, report) == [])
    }

    @Test(arguments: [(9, 0, nil), (100, 49, Level.bad), (100, 52, .near), (100, 60, .good)] as [(Int, Int, Level?)])
    func cacheHits(requests: Int, hits: Int, level: AlertReading.Level?) {
        #expect(read(CacheHitsRule.self) { $0.cache = .init(requests: requests, hits: hits) }?.first?.level == level)
    }

    @Test func redisLag() {
        let readings = read(RedisLagRule.self) {
            $0.replicas = [.init(address: "a:1", lag: 1), .init(address: "b:2", lag: 11, isGone: true)]
        }
        #expect(readings?.map(\.level) == [.good, .bad])
        #expect(read(RedisLagRule.self) { _ in } == nil)
    }

    @Test func schedule() {
        let readings = read(ScheduleRule.self) {
            $0.schedule = [
                .init(name: "late", next: 9_900, hasRun: true), .init(name: "due", next: 9_990, hasRun: true),
                .init(name: "new", next: 1, hasRun: false), .init(name: "off", next: nil, hasRun: true),
            ]
        }
        #expect(readings?.map(\.subject) == ["late", "due"])
        #expect(readings?.map(\.level) == [.bad, .good])
    }

    @Test func broker() {
        #expect(read(BrokerAlarmRule.self) { $0.broker.alarms = ["memory"] }?.map(\.level) == [.bad])
        #expect(read(BrokerAlarmRule.self) { _ in } == [])
        #expect(read(BrokerSilentRule.self) { $0.broker.problem = "refused" }?.map(\.level) == [.bad])
        for rule in [BrokerAlarmRule.self, NoConsumerRule.self, OldestMessageRule.self] as [any AlertRule.Type] {
            #expect(read(rule) { $0.broker.problem = "refused" } == nil, "old figures say nothing")
            #expect(read(rule) { $0.broker.time = 0 } == nil)
        }
    }

    @Test func namesAreUnique() {
        let names = AlertRules.all.map { $0.name }
        #expect(Set(names).count == names.count)
        #expect(Set(names) == Set(AlertSettings().rules.keys))
    }
}
