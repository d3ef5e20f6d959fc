/// What this process has counted since it began.
package struct InferenceMetrics: Sendable, Hashable {
    private var counts: [InferenceCount: Int] = [:]

    package subscript(count: InferenceCount) -> Int { counts[count] ?? 0 }

    /// The share of requests that a cache answered; nil before the first.
    package var hitRatio: Double? {
        self[.requests] == 0 ? nil : Double(self[.localHits] + self[.redisHits]) / Double(self[.requests])
    }

    mutating func add(_ amount: Int, to count: InferenceCount) { counts[count, default: 0] += amount }
}
