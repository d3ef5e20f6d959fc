import Testing

@testable import CeleryMonitor

@Suite struct RateLimiterTests {
    @Test func aBurstIsAllowedAndThenTheRate() {
        let limiter = RateLimiter(rate: 2, burst: 3)
        for _ in 0..<3 { #expect(limiter.take("a", now: 0) == nil) }
        #expect(limiter.take("a", now: 0) == 0.5)
        #expect(limiter.wait("a", now: 0.25) == 0.25)
        #expect(limiter.take("b", now: 0) == nil, "others are not concerned")
        #expect(limiter.take("a", now: 0.5) == nil)
        #expect(limiter.take("a", now: -100) != nil, "a clock that goes back gives nothing")
    }

    @Test func memoryIsBounded() {
        let limiter = RateLimiter(rate: 0.001, burst: 10)
        for number in 0..<(RateLimiter.maxKeys * 3) { _ = limiter.take("\(number)", now: Double(number)) }
        #expect(limiter.count <= RateLimiter.maxKeys)
    }

    @Test func streamsAreCounted() {
        let counts = StreamCounts(limit: 8)
        #expect(counts.take("a") && counts.take("a"))
        #expect(!counts.take("a"), "one of four quarters")
        for who in ["b", "c", "d"] { #expect(counts.take(who) && counts.take(who)) }
        #expect(!counts.take("e"))
        counts.give("a")
        #expect(counts.take("e"))
        for _ in 0..<10 { counts.give("nobody") }
        #expect(counts.total == 8)
    }
}
