import Testing

@testable import CeleryWorker

/// Which errors lead to a retry, and how long it waits.
struct RetryPolicyTests {
    private typealias Backoff = RetryPolicy.Backoff

    private func delays(_ backoff: Backoff, random: Double = 0) -> [Duration] {
        (0..<7).map { backoff.delay(beforeRetry: $0, random: random) }
    }

    @Test func theWaitDoublesUpToACap() {
        let seconds = [1, 2, 4, 8, 16, 16, 16].map { Duration.seconds($0) }
        #expect(delays(.exponential(jitter: false)) == seconds)
        #expect(delays(.exponential(jitter: true), random: 0) == seconds.map { $0 / 2 })
        let almostAll = delays(.exponential(jitter: true), random: 0.999_999)
        #expect(zip(almostAll, seconds).allSatisfy { $0 <= $1 && $0 > $1 * 0.99 })
        #expect(delays(.constant(.seconds(3))) == Array(repeating: .seconds(3), count: 7))
    }

    @Test func oddBackoffsDoNoHarm() {
        #expect(Backoff.exponential(first: .seconds(9), cap: .seconds(4)).delays == [.seconds(4)])
        #expect(Backoff.exponential(first: .zero, cap: .seconds(Int64.max / 4)).delays.count == 65)
        #expect(Backoff(delays: [], jitter: true).delay(beforeRetry: 3, random: 0.5) == .zero)
        #expect(Backoff.constant(.seconds(2)).delay(beforeRetry: -1, random: 0) == .seconds(2))
        #expect(Backoff.constant(.seconds(2)).delay(beforeRetry: .max, random: 0) == .seconds(2))
    }

    @Test func whichErrors() {
        struct Mine: Error {}
        #expect(RetryPolicy.on(Mine.self).retries(Mine()))
        #expect(!RetryPolicy.on(Mine.self).retries(CancellationError()))
        #expect(RetryPolicy.always().retries(CancellationError()))
        #expect(!RetryPolicy.never.retries(Mine()))
        #expect(!RetryPolicy.onRequest.retries(Mine()))
        #expect(RetryPolicy.onRequest.maxRetries == 5)
        #expect(RetryPolicy.always(nil).maxRetries == nil)
    }
}
