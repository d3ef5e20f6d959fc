import CeleryProtocol
import OrderedCollections
import Synchronization
import Testing

@testable import CeleryMonitor

@Suite struct FleetTests {
    /// A clock that stands until it is moved.
    final class Clock: Sendable {
        private let time = Mutex(Fixture.now)
        var now: Double { time.withLock { $0 } }
        func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
    }

    private let clock = Clock()
    private let fleet: Fleet

    init() {
        let clock = clock
        fleet = Fleet { clock.now }
    }

    private func tell(_ type: String, _ name: String = "celery@one", _ fields: CeleryMap = [:]) {
        var event: CeleryMap = [
            "type": .string(type), "hostname": .string(name), "timestamp": .double(clock.now), "freq": 2, "pid": 7,
        ]
        event.merge(fields) { $1 }
        fleet.hear([event], now: clock.now)
    }

    private func changes() -> [Fleet.Change] { fleet.changes().map(\.change) }

    @Test func aWorkerIsAliveForTwoHeartbeats() {
        tell("worker-heartbeat", "celery@one", ["active": 3, "processed": 9, "loadavg": [1, 2.5, 3]])
        #expect(fleet.worker("celery@one")?.isAlive == true && fleet.worker("celery@one")?.active == 3)
        #expect(fleet.worker("celery@one")?.load == [1, 2.5, 3])
        #expect(changes() == [.back])
        clock.advance(3.9)
        #expect(fleet.worker("celery@one")?.isAlive == true)
        clock.advance(0.2)
        #expect(fleet.worker("celery@one")?.isAlive == false)
        #expect(changes() == [.gone] && changes().isEmpty)
        tell("worker-heartbeat", "celery@one", ["active": 0])
        #expect(fleet.worker("celery@one")?.isAlive == true)
    }

    @Test func aGoodbyeIsBelievedAndARestartSeen() {
        tell("worker-online")
        tell("worker-offline")
        #expect(fleet.worker("celery@one")?.isOffline == true && fleet.worker("celery@one")?.isAlive == false)
        tell("worker-online", "celery@one", ["pid": 8])
        #expect(changes() == [.back, .gone, .restarted(clock.now)])
        #expect(fleet.worker("celery@one")?.isAlive == true)
    }

    @Test func silenceSaysNothingWhileNobodyListens() {
        tell("worker-heartbeat")
        _ = changes()
        fleet.deafen()
        clock.advance(100)
        #expect(fleet.worker("celery@one")?.isAlive == true && changes().isEmpty)
        fleet.listen()
        #expect(fleet.worker("celery@one")?.isAlive == true && changes().isEmpty)
        clock.advance(5)
        #expect(changes() == [.gone])
    }

    @Test func theDeadAreForgottenAndThereIsABound() {
        for number in 0..<6000 { tell("worker-online", "celery@pod-\(number)") }
        #expect(fleet.workers.count <= Fleet.maxWorkers)
        #expect(fleet.worker("celery@pod-5999") != nil)
        fleet.forget("celery@pod-5999")
        #expect(fleet.worker("celery@pod-5999") != nil, "it is alive")
        clock.advance(100)
        fleet.forget("celery@pod-5999")
        #expect(fleet.worker("celery@pod-5999") == nil)
        #expect(fleet.forget(silentFor: 50).contains("celery@pod-1") && fleet.workers.isEmpty)
    }

    @Test func hostileEventsHarmNothing() {
        fleet.hear(
            [
                [:], ["type": "worker-heartbeat"], ["type": "worker-heartbeat", "hostname": 5],
                [
                    "type": "worker-heartbeat", "hostname": "x", "freq": -1, "active": -9, "timestamp": "late",
                    "loadavg": "much",
                ],
                [
                    "type": "worker-heartbeat", "hostname": "x", "freq": 1e300,
                    "processed": .bigInt("99999999999999999999"),
                ],
                ["type": "task-sent", "hostname": "gen1@sender"], ["type": "other", "hostname": "y"],
            ],
            now: clock.now
        )
        #expect(fleet.workers.map(\.name) == ["x"] && fleet.worker("x")?.active == 0)
    }

    @Test func tasksOfThoseThatAreGoneAreLostSightOf() async throws {
        let history = try Fixture.history()
        try await history.add(
            [
                Fixture.event("received", "waits"), Fixture.event("started", "runs"),
                Fixture.event("started", "other", by: "celery@two"),
            ] + Fixture.run("done", "n", at: Fixture.now),
            now: Fixture.now
        )
        #expect(try await history.busyWorkers() == ["celery@one", "celery@two"])
        #expect(try await history.loseSight(of: "celery@one", before: Fixture.now - 1) == 0)
        #expect(try await history.loseSight(of: "celery@one", before: Fixture.now + 1) == 2)
        #expect(try await history.task("runs")?.isOrphaned == true)
        #expect(try await history.task("other")?.isOrphaned == false)
        #expect(try await history.busyWorkers() == ["celery@two"])
        try await history.add([Fixture.event("succeeded", "runs", at: Fixture.now + 9)], now: Fixture.now + 9)
        #expect(try await history.task("runs")?.isOrphaned == false)
        try await history.regainSight(of: "celery@one")
        #expect(try await history.task("waits")?.isOrphaned == false)
    }
}
