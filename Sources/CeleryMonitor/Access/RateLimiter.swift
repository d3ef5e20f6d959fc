import Synchronization

/// Token buckets by key (an address, a name); as many keys as there is room for.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var time: Double
    }

    /// More keys than this are not remembered: those that have been quiet longest go first.
    static let maxKeys = 20_000

    private let rate: Double
    private let burst: Double
    private let buckets = Mutex<[String: Bucket]>([:])

    /// - Parameters:
    ///   - rate: Tokens a second.
    ///   - burst: Tokens at most.
    init(rate: Double, burst: Double) {
        self.rate = rate
        self.burst = burst
    }

    var count: Int { buckets.withLock { $0.count } }

    /// Takes a token; else the seconds until there is one.
    func take(_ key: String, now: Double) -> Double? {
        buckets.withLock { buckets in
            if buckets.count >= Self.maxKeys, buckets[key] == nil { forget(&buckets, now) }
            var bucket = filled(buckets[key], now)
            defer { buckets[key] = bucket }
            guard bucket.tokens >= 1 else { return (1 - bucket.tokens) / rate }
            bucket.tokens -= 1
            return nil
        }
    }

    /// The seconds until there is a token; nil: there is one. Takes none.
    func wait(_ key: String, now: Double) -> Double? {
        buckets.withLock { buckets in
            let tokens = filled(buckets[key], now).tokens
            return tokens >= 1 ? nil : (1 - tokens) / rate
        }
    }

    private func filled(_ bucket: Bucket?, _ now: Double) -> Bucket {
        guard let bucket else { return Bucket(tokens: burst, time: now) }
        return Bucket(tokens: min(burst, bucket.tokens + max(0, now - bucket.time) * rate), time: now)
    }

    /// Those that are full again tell nothing; if that is not enough, the older half goes.
    private func forget(_ buckets: inout [String: Bucket], _ now: Double) {
        buckets = buckets.filter { filled($1, now).tokens < burst }
        guard buckets.count >= Self.maxKeys else { return }
        let times = buckets.values.map(\.time).sorted()
        let middle = times[times.count / 2]
        buckets = buckets.filter { $1.time > middle }
    }
}
