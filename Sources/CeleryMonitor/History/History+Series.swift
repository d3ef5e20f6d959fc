import Foundation
import GRDB

extension History {
    /// So many buckets are made at most; a finer step is widened.
    private static let maxBuckets = 5000

    /// Buckets without gaps, oldest first.
    ///
    /// Counts lie in spans of 10 seconds for some hours, of minutes for two days, and of hours for 90 days; per worker
    /// from minutes on. A step that is finer than what is there is widened to it.
    func series(
        from: Double,
        to: Double,
        step: Double,
        _ filter: SeriesFilter = SeriesFilter()
    ) async throws -> [SeriesBucket] {
        guard from.isFinite, to.isFinite, from < to, from >= 0, to < 1e10 else { return [] }
        let kind: SeriesBatch.Kind = filter.worker != nil ? .worker : filter.name != nil ? .name : .all
        let step = max(step.isFinite ? step : 60, (to - from) / Double(Self.maxBuckets), 1)
        let now = Date().timeIntervalSince1970
        let source = SeriesSteps.suitable(from: from, step: step, kind: kind, now: now)
        let width = (step / Double(source.seconds)).rounded(.up) * Double(source.seconds)
        var buckets = Self.empty(from, to, width)
        guard let first = buckets.first?.time else { return [] }
        if filter.name != nil, filter.worker != nil {
            try await fill(&buckets, first, width, filter)
        } else {
            try await fill(&buckets, first, width, source, kind, filter.worker ?? filter.name ?? "")
        }
        return buckets
    }

    private static func empty(_ from: Double, _ to: Double, _ width: Double) -> [SeriesBucket] {
        stride(from: (from / width).rounded(.down) * width, to: to, by: width).map { SeriesBucket(time: $0) }
    }

    private func fill(
        _ buckets: inout [SeriesBucket],
        _ first: Double,
        _ width: Double,
        _ source: SeriesSteps,
        _ kind: SeriesBatch.Kind,
        _ key: String
    ) async throws {
        let (count, seconds) = (buckets.count, source.seconds)
        buckets = try await database.read { [buckets] db in
            var buckets = buckets
            var histograms: [Int: (runtime: LogHistogram, waiting: LogHistogram)] = [:]
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT time, \(SeriesBatch.columns.joined(separator: ", ")), runtime, waiting FROM series
                    WHERE step = ? AND kind = ? AND key = ? AND time >= ? AND time < ?
                    """,
                arguments: [seconds, kind.rawValue, key, first, first + width * Double(count)]
            )
            while let row = try rows.next() {
                let time: Double = row[0]
                let index = min(max(Int((time - first) / width), 0), count - 1)
                for (number, path) in SeriesBucket.paths.enumerated() {
                    buckets[index][keyPath: path] += row[number + 1] as Int
                }
                if let bytes = row["runtime"] as Data? {
                    histograms[index, default: (.init(), .init())].runtime.add(LogHistogram(bytes))
                }
                if let bytes = row["waiting"] as Data? {
                    histograms[index, default: (.init(), .init())].waiting.add(LogHistogram(bytes))
                }
            }
            for (index, both) in histograms {
                buckets[index].runtime = both.runtime.percentiles
                buckets[index].waiting = both.waiting.percentiles
            }
            return buckets
        }
    }

    /// One task's name at one worker is not counted beforehand; it is taken from the tasks themselves, as far as these
    /// are kept and not too many.
    private func fill(
        _ buckets: inout [SeriesBucket],
        _ first: Double,
        _ width: Double,
        _ filter: SeriesFilter
    ) async throws {
        let count = buckets.count
        buckets = try await database.read { [buckets] db in
            var buckets = buckets
            var histograms: [Int: (runtime: LogHistogram, waiting: LogHistogram)] = [:]
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT \(SeriesBatch.columns.joined(separator: ", ")), runtime FROM tasks INDEXED BY tasks_worker
                    WHERE worker = ? AND timestamp >= ? AND name = ? ORDER BY timestamp DESC LIMIT 50000
                    """,
                arguments: [filter.worker, first, filter.name]
            )
            while let row = try rows.next() {
                for (number, path) in SeriesBucket.paths.enumerated() {
                    guard let time = row[number] as Double?, time >= first else { continue }
                    let index = Int((time - first) / width)
                    guard index < count else { continue }
                    buckets[index][keyPath: path] += 1
                    guard path != \.sent, let runtime = row["runtime"] as Double? else { continue }
                    if path == \.succeeded { histograms[index, default: (.init(), .init())].runtime.add(runtime) }
                    guard path == \.started, let received = row["received"] as Double? else { continue }
                    histograms[index, default: (.init(), .init())].waiting.add(time - received)
                }
            }
            for (index, both) in histograms {
                buckets[index].runtime = both.runtime.percentiles
                buckets[index].waiting = both.waiting.percentiles
            }
            return buckets
        }
    }
}

extension SeriesBucket {
    /// In the order of `SeriesBatch.columns`.
    static let paths: [any WritableKeyPath<SeriesBucket, Int> & Sendable] = [
        \.sent, \.received, \.started, \.succeeded, \.failed, \.retried, \.revoked, \.rejected,
    ]
}
