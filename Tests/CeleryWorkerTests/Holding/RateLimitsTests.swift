import CeleryProtocol
import Connections
import Testing

@testable import CeleryWorker

/// Which limit holds, and who is held.
struct RateLimitsTests {
    private let limits = RateLimits(results: nil, logger: .silent)

    private func known(_ options: TaskOptions = TaskOptions(), _ settings: TaskSettings? = nil) -> KnownTask {
        KnownTask(
            task: RegisteredTask(name: "t", options: options) { _ in [] },
            rules: TaskRules(queue: QueueSettings(name: "q"), task: options, settings: settings)
        )
    }

    @Test func theLayersOfALimit() throws {
        #expect(limits.limit(of: known()) == nil)
        let own = TaskOptions(rateLimit: "10/s", rateLimitScope: .cluster)
        #expect(limits.limit(of: known(own))?.rate.perSecond == 10)
        #expect(limits.limit(of: known(own))?.scope == .cluster)
        var settings = TaskSettings("t")
        settings.rateLimit = .on("60/m")
        settings.rateLimitScope = .worker
        #expect(limits.limit(of: known(own, settings))?.rate.perSecond == 1)
        #expect(limits.limit(of: known(own, settings))?.scope == .worker)
        settings.rateLimit = .off
        #expect(limits.limit(of: known(own, settings)) == nil)
        limits.set(task: "t", rateLimit: "5/s")
        #expect(limits.limit(of: known(own, settings))?.rate.perSecond == 5)
        #expect(limits.limit(of: known())?.rate.perSecond == 5)
        limits.set(task: "t", rateLimit: nil)
        #expect(limits.limit(of: known(own)) == nil)
    }

    @Test func heldMessagesTakeHalfOfTheWindow() throws {
        let limit = RateLimits.Limit(task: "t", rate: "10/s", scope: .worker)
        func hold(_ wait: Duration, lane: Int = 0, prefetch: Int = 8) -> Bool {
            limits.hold(wait, lane: lane, prefetch: prefetch, limit)
        }
        #expect((0..<6).map { _ in hold(.milliseconds(300)) } == [true, true, true, true, false, false])
        #expect(hold(.milliseconds(300), lane: 1))
        limits.release(lane: 0)
        #expect(!hold(.milliseconds(500)), "four places are used up in 400 ms")
        #expect(hold(.milliseconds(300)))
        #expect(!hold(.seconds(3), lane: 2, prefetch: 1000), "more than two seconds wait in the broker")
        #expect(!hold(.zero, lane: 2, prefetch: 1), "a window of one is not for waiting")
        #expect(hold(.milliseconds(300), lane: 2, prefetch: 0), "a window without a limit")
    }

    @Test(
        arguments: [
            (0.0, -5), (0.02, -5), (0.04, -5), (0.07, -4), (0.3, -2), (0.5, -1), (0.99, -1), (1.0, 0), (9.0, 3),
        ]
    )
    func fineDetours(seconds: Double, level: Int) { #expect(Celery.fineLevel(of: .seconds(seconds)) == level) }
}

/// The ledger that all workers share, on a real Redis.
@Suite(.disabled(if: ServersUnderTest.redis == nil, ServersUnderTest.noRedis), .timeLimit(.minutes(1)))
struct ClusterRateTests {
    @Test func slotsAreHandedOutOnce() async throws {
        let results = RedisResults(ResultBackendSettings(), url: try RedisURL(try #require(ServersUnderTest.redis)))
        defer { results.close() }
        let (first, second) = (ClusterRate(results: results), ClusterRate(results: results))
        let task = ServersUnderTest.name()
        var waits: [Int64] = []
        for number in 0..<6 {
            let rate = number.isMultiple(of: 2) ? first : second
            waits.append(try await rate.reserve(task, interval: 3_600_000_000_000))
        }
        for (number, wait) in waits.enumerated() {
            // Some time passes between the calls, but no minute.
            let slot = Int64(number) * 3_600_000_000_000
            #expect((max(0, slot - 60_000_000_000)...slot).contains(wait))
        }
        #expect(try await first.reserve(task, interval: 500_000_000) == 0, "another limit begins anew")
        let key = results.commands.globalPrefix + "chard-rate-\(task)"
        let lifetime = try await results.client.send(RedisCommand("PTTL", key: key)).integer ?? 0
        #expect((1...1500).contains(lifetime))
    }
}
