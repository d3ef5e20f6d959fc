import Connections

/// What inference services have counted, over the last while. They count in Redis under `metrics:inference:requests`,
/// `…:local_hits` and `…:redis_hits`, as `TenantStore.Metrics` writes them: hashes of `node:p` and `node:n`.
struct CacheMemory: Sendable {
    private struct Sample: Sendable {
        var time: Double
        var requests: Int
        var hits: Int
    }

    private var samples: [Sample] = []
    private static let maxSamples = 2000

    /// - Returns: What came within `window` seconds; nil: nobody ever counted.
    mutating func update(requests: Int, hits: Int, now: Double, window: Double) -> AlertInputs.CacheCounts? {
        guard requests > 0 else { return nil }
        // Redis has lost what it had.
        if let last = samples.last, requests < last.requests || hits < last.hits { samples = [] }
        if samples.last.map({ now - $0.time >= window / 500 }) ?? true {
            samples.append(Sample(time: now, requests: requests, hits: hits))
        }
        // One that is older than the window is where it begins.
        while samples.count > 1, samples[1].time <= now - window || samples.count > Self.maxSamples {
            samples.removeFirst()
        }
        guard let first = samples.first else { return nil }
        return AlertInputs.CacheCounts(requests: requests - first.requests, hits: hits - first.hits)
    }

    /// The sum of a metric's hash; nil: it is none.
    static func total(_ reply: RedisValue) -> Int? {
        guard let fields = reply.array, reply.firstError == nil else { return nil }
        var total = 0
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            guard let field = fields[index].text, let amount = fields[index + 1].text.flatMap({ Int($0) }), amount >= 0
            else { return nil }
            total = field.hasSuffix(":n") ? total &- amount : total &+ amount
        }
        return total
    }
}
