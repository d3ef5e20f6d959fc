import Connections
import Logging
import Testing

@testable import Inference

/// One breaker in several workers, by way of a real Redis.
@Suite(.timeLimit(.minutes(1)), .enabled(if: ServersUnderTest.areThere, ServersUnderTest.reason))
struct SharedBreakerTests {
    private let settings: BreakerSettings = {
        var settings = BreakerSettings()
        settings.minimumCalls = 20
        settings.openFor = .milliseconds(300)
        return settings
    }()

    /// Breakers as so many workers have them, each with a connection of its own.
    private func workers(
        _ count: Int,
        openFor: Duration? = nil
    ) throws -> [(breaker: SharedBreaker, redis: RedisClient)] {
        let prefix = ServersUnderTest.prefix()
        var settings = settings
        settings.openFor = openFor ?? settings.openFor
        return try (0..<count).map { _ in
            let redis = RedisClient(url: try ServersUnderTest.redisURL())
            let store = BreakerStore(redis: redis, key: prefix + "b", channel: prefix + "c", lifetime: .seconds(60))
            let breaker = SharedBreaker(name: "x", store: store, settings: settings, logger: Logger(label: "test"))
            return (breaker, redis)
        }
    }

    @Test func failuresOfAllWorkersCountTogether() async throws {
        let workers = try workers(4)
        defer { for worker in workers { worker.redis.close() } }
        // No worker alone has enough calls to open it.
        for worker in workers { for _ in 0..<5 { worker.breaker.record(success: false) } }
        try await ServersUnderTest.eventually("every worker sees it open") {
            for worker in workers { await worker.breaker.refresh() }
            return workers.allSatisfy { $0.breaker.view.phase != .closed }
        }
    }

    @Test func noCallIsLostOrCountedTwice() async throws {
        let workers = try workers(4)
        defer { for worker in workers { worker.redis.close() } }
        for _ in 0..<50 {
            for worker in workers {
                worker.breaker.record(success: true)
                worker.breaker.record(success: true)
                worker.breaker.record(success: false)
            }
            await Task.yield()
        }
        func counts(_ breaker: CircuitBreaker) -> [Int] {
            [breaker.buckets.reduce(0) { $0 + $1.successes }, breaker.buckets.reduce(0) { $0 + $1.failures }]
        }
        try await ServersUnderTest.eventually("400 successes and 200 failures") {
            await workers[0].breaker.refresh()
            return counts(workers[0].breaker.view) == [400, 200]
        }
    }

    @Test func onlyOneOfManyGetsTheProbe() async throws {
        // A probe lapses after the same time: all must have asked by then, on a busy machine too.
        let workers = try workers(4, openFor: .seconds(3))
        defer { for worker in workers { worker.redis.close() } }
        for _ in 0..<20 { workers[0].breaker.record(success: false) }
        try await ServersUnderTest.eventually("the probe is due everywhere") {
            for worker in workers { await worker.breaker.refresh() }
            return workers.allSatisfy { $0.breaker.admission == .probe }
        }
        let tokens = await withTaskGroup(of: (Int, String?).self) { group in
            for number in 0..<20 {
                group.addTask { (number % 4, await workers[number % 4].breaker.takeProbe()) }
            }
            return await group.reduce(into: [(Int, String)]()) { tokens, taken in
                if let token = taken.1 { tokens.append((taken.0, token)) }
            }
        }
        try #require(tokens.count == 1)
        await workers[tokens[0].0].breaker.endProbe(tokens[0].1, success: true)
        for worker in workers {
            await worker.breaker.refresh()
            #expect(worker.breaker.admission == .allowed)
        }
    }

    @Test func withoutRedisAWorkerGoesByItsOwnCounts() async throws {
        let redis = RedisClient(url: try RedisURL("redis://127.0.0.1:1/0"))
        defer { redis.close() }
        let store = BreakerStore(redis: redis, key: "k", channel: "c", lifetime: .seconds(60))
        let breaker = SharedBreaker(name: "x", store: store, settings: settings, logger: Logger(label: "test"))
        for _ in 0..<20 { breaker.record(success: false) }
        #expect(breaker.view.phase != .closed)
        try await ServersUnderTest.eventually("open after Redis was given up") {
            let token = await breaker.takeProbe()
            if let token { await breaker.endProbe(token, success: true) }
            return token != nil
        }
        #expect(breaker.admission == .allowed)
    }
}
