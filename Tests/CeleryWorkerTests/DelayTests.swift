import CeleryProtocol
import Testing

@testable import CeleryWorker

struct DelayTests {
    @Test(
        arguments: [
            (0.0, nil), (0.99, nil), (1.0, 0), (1.9, 0), (2.0, 1), (3.9, 1), (16.0, 4), (3600.0, 11), (1e9, 20),
        ] as [(Double, Int?)]
    )
    func aDelayTakesTheLargestPowerOfTwoThatFits(seconds: Double, level: Int?) {
        #expect(Celery.level(of: .seconds(seconds)) == level)
    }

    @Test func backOffDoublesUpToItsCap() {
        let backoff = RetryPolicy.Backoff.exponential(jitter: false)
        #expect(
            (0..<7).map { backoff.delay(beforeRetry: $0, random: 0).secondsText } == [
                "1", "2", "4", "8", "16", "16", "16",
            ]
        )
    }

    @Test func jitterStaysBetweenHalfAndWhole() {
        let backoff = RetryPolicy.Backoff.exponential()
        #expect(backoff.delay(beforeRetry: 2, random: 0) == .seconds(2))
        #expect(backoff.delay(beforeRetry: 2, random: 1) == .seconds(4))
    }
}
