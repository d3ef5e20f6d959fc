extension History {
    /// How many names are looked at, the first by name.
    private static let mostNames = 60

    /// What each name of a task did in a span of time, of those that ran: the most failures first, then the slowest.
    func totals(from: Double, to: Double) async throws -> [(name: String, bucket: SeriesBucket)] {
        var totals: [(name: String, bucket: SeriesBucket)] = []
        for name in try await taskNames().prefix(Self.mostNames) {
            let buckets = try await series(from: from, to: to, step: to - from, SeriesFilter(name: name))
            var sum = SeriesBucket(time: from)
            for bucket in buckets {
                sum.succeeded += bucket.succeeded
                sum.failed += bucket.failed
                sum.retried += bucket.retried
                sum.runtime = Self.graver(sum.runtime, bucket.runtime)
            }
            if sum.succeeded + sum.failed + sum.retried > 0 { totals.append((name, sum)) }
        }
        return totals.sorted {
            $0.bucket.failed == $1.bucket.failed
                ? ($0.bucket.runtime?.p95 ?? 0) > ($1.bucket.runtime?.p95 ?? 0) : $0.bucket.failed > $1.bucket.failed
        }
    }

    private static func graver(_ one: Percentiles?, _ other: Percentiles?) -> Percentiles? {
        guard let one, let other else { return one ?? other }
        return one.p95 >= other.p95 ? one : other
    }
}
