import Foundation
import Testing

@testable import Inference

@Suite struct CircuitBreakerTests {
    private let settings: BreakerSettings = {
        var settings = BreakerSettings()
        settings.minimumCalls = 4
        return settings
    }()
    /// A moment in 2026, in milliseconds.
    private let start: Int64 = 1_780_000_000_000

    private func opened(at now: Int64) -> CircuitBreaker {
        var breaker = CircuitBreaker()
        breaker.record(successes: 0, failures: 4, now: now, settings)
        return breaker
    }

    @Test(arguments: [
        (2, 2, false), (3, 2, true), (2, 1, true), (0, 4, false), (0, 3, true), (9, 8, true), (8, 8, false),
    ])
    func opensAtHalfOfEnoughCalls(successes: Int, failures: Int, isClosed: Bool) {
        var breaker = CircuitBreaker()
        breaker.record(successes: successes, failures: failures, now: start, settings)
        #expect((breaker.admission(now: start) == .allowed) == isClosed)
    }

    @Test func aSuccessNeverOpensIt() {
        var breaker = CircuitBreaker()
        breaker.record(successes: 0, failures: 3, now: start, settings)
        breaker.record(successes: 1, failures: 0, now: start, settings)
        #expect(breaker.admission(now: start) == .allowed)
        breaker.record(successes: 0, failures: 1, now: start, settings)
        #expect(breaker.admission(now: start) == .refused(until: start + 30_000))
    }

    @Test func forgetsWhatLeftTheWindow() {
        var breaker = CircuitBreaker()
        breaker.record(successes: 0, failures: 3, now: start, settings)
        breaker.record(successes: 0, failures: 1, now: start + 66_000, settings)
        #expect(breaker.admission(now: start + 66_000) == .allowed)
        breaker.record(successes: 0, failures: 3, now: start + 67_000, settings)
        #expect(breaker.admission(now: start + 67_000) != .allowed)
    }

    @Test func keepsAFewBucketsHoweverLongItRuns() {
        var breaker = CircuitBreaker()
        for second in 0..<1000 {
            breaker.record(successes: 3, failures: 1, now: start + Int64(second) * 1000, settings)
        }
        #expect(breaker.admission(now: start + 1_000_000) == .allowed)
        #expect(breaker.buckets.count <= Int(CircuitBreaker.parts) + 1)
    }

    @Test func letsOneProbeThroughWhenItsTimeHasCome() {
        var breaker = opened(at: start)
        #expect(breaker.admission(now: start + 29_999) == .refused(until: start + 30_000))
        #expect(breaker.takeProbe(token: "a", now: start + 29_999, settings) == false)
        #expect(breaker.admission(now: start + 30_000) == .probe)
        #expect(breaker.takeProbe(token: "a", now: start + 30_000, settings) == true)
        #expect(breaker.takeProbe(token: "b", now: start + 30_001, settings) == false)
        #expect(breaker.admission(now: start + 30_001) == .refused(until: start + 60_000))
    }

    @Test func aGoodProbeClosesItAndCountsFromZero() {
        var breaker = opened(at: start)
        _ = breaker.takeProbe(token: "a", now: start + 30_000, settings)
        breaker.endProbe(token: "a", success: true, now: start + 30_010, settings)
        #expect(breaker == CircuitBreaker())
    }

    @Test func aBadProbeOpensItAgain() {
        var breaker = opened(at: start)
        _ = breaker.takeProbe(token: "a", now: start + 30_000, settings)
        breaker.endProbe(token: "a", success: false, now: start + 31_000, settings)
        #expect(breaker.admission(now: start + 60_999) == .refused(until: start + 61_000))
        #expect(breaker.admission(now: start + 61_000) == .probe)
    }

    @Test func aProbeGivenUpIsForTheNextAtOnce() {
        var breaker = opened(at: start)
        _ = breaker.takeProbe(token: "a", now: start + 30_000, settings)
        breaker.endProbe(token: "a", success: nil, now: start + 30_500, settings)
        #expect(breaker.takeProbe(token: "b", now: start + 30_500, settings) == true)
    }

    @Test func aProbeThatWasNeverHeardOfIsTakenOver() {
        var breaker = opened(at: start)
        _ = breaker.takeProbe(token: "dead", now: start + 30_000, settings)
        #expect(breaker.takeProbe(token: "b", now: start + 60_000, settings) == true)
        breaker.endProbe(token: "dead", success: true, now: start + 60_001, settings)
        #expect(breaker.admission(now: start + 60_001) != .allowed)
        breaker.endProbe(token: "b", success: true, now: start + 60_002, settings)
        #expect(breaker.admission(now: start + 60_002) == .allowed)
    }

    @Test func callsFromBeforeSayNothingNew() {
        var breaker = opened(at: start)
        breaker.record(successes: 100, failures: 0, now: start + 1, settings)
        #expect(breaker == opened(at: start))
        _ = breaker.takeProbe(token: "a", now: start + 30_000, settings)
        let probing = breaker
        breaker.record(successes: 0, failures: 100, now: start + 30_001, settings)
        #expect(breaker == probing)
    }

    @Test func survivesTheWayThroughRedis() throws {
        var breaker = opened(at: start)
        _ = breaker.takeProbe(token: "a", now: start + 30_000, settings)
        var counting = CircuitBreaker()
        counting.record(successes: 2, failures: 1, now: start, settings)
        for value in [breaker, counting, CircuitBreaker()] {
            let bytes = try JSONEncoder().encode(value)
            #expect(try JSONDecoder().decode(CircuitBreaker.self, from: bytes) == value)
        }
    }
}
