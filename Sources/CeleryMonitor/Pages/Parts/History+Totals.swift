import Foundation
import GRDB

extension History {
    /// How many rows are read at most; the newest.
    private static let mostRows = 50_000

    /// What each name of a task did in a span of time, of those that ran: the most failures first, then the slowest.
    ///
    /// - Parameter step: Of the chart beside it, seconds: the same counts are read.
    func totals(from: Double, to: Double, step: Double) async throws -> [(name: String, bucket: SeriesBucket)] {
        let kind = SeriesBatch.Kind.name
        let source = SeriesSteps.suitable(from: from, step: step, kind: kind, now: Format.now)
        let totals = try await database.read { db in
            var totals: [String: (bucket: SeriesBucket, runtime: LogHistogram)] = [:]
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT key, succeeded, failed, retried, runtime FROM series
                    WHERE step = ? AND kind = ? AND time >= ? AND time < ? ORDER BY time DESC LIMIT ?
                    """,
                arguments: [source.seconds, kind.rawValue, from, to, Self.mostRows]
            )
            while let row = try rows.next() {
                var total = totals[row[0], default: (SeriesBucket(time: from), LogHistogram())]
                total.bucket.succeeded += row[1] as Int
                total.bucket.failed += row[2] as Int
                total.bucket.retried += row[3] as Int
                if let bytes = row[4] as Data? { total.runtime.add(LogHistogram(bytes)) }
                totals[row[0]] = total
            }
            return totals
        }
        return totals.compactMap { name, total -> (name: String, bucket: SeriesBucket)? in
            var bucket = total.bucket
            guard bucket.succeeded + bucket.failed + bucket.retried > 0 else { return nil }
            bucket.runtime = total.runtime.percentiles
            return (name, bucket)
        }.sorted { one, other in
            let (a, b) = (one.bucket, other.bucket)
            if a.failed != b.failed { return a.failed > b.failed }
            let (slow, slower) = (a.runtime?.p95 ?? 0, b.runtime?.p95 ?? 0)
            return slow == slower ? one.name < other.name : slow > slower
        }
    }
}
