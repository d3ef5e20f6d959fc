import Foundation
import GRDB

extension History {
    /// Samples of one queue lie this many seconds apart at least, for so long, both in seconds.
    private static let thinning = [
        (step: 5, kept: 6 * 3600.0), (step: 60, kept: 2 * 86_400.0), (step: 600, kept: 30 * 86_400.0),
    ]

    /// Of each queue the first sample of a span is kept, in spans of seconds for some hours, of minutes for days.
    func add(_ samples: [QueueSample]) async throws {
        guard !samples.isEmpty else { return }
        _ = try await write("adding the depths of \(samples.count) queues") { db in
            let statement = try db.cachedStatement(
                sql: "INSERT OR IGNORE INTO depths VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            )
            for sample in samples where sample.time.isFinite && sample.time > 0 && sample.time < 1e10 {
                for (step, _) in Self.thinning {
                    try statement.execute(
                        arguments: [
                            step, sample.queue, (sample.time / Double(step)).rounded(.down) * Double(step),
                            sample.ready, sample.unacknowledged, sample.consumers, sample.published, sample.delivered,
                        ]
                    )
                }
            }
        }
    }

    /// Of one queue or of all, oldest first, at most one sample per step and queue.
    func depths(from: Double, to: Double, step: Double, queue: String?) async throws -> [QueueSample] {
        guard from.isFinite, to.isFinite, from < to else { return [] }
        let age = Date().timeIntervalSince1970 - from
        let kept = Self.thinning.filter { age <= $0.kept }
        let source = kept.last { Double($0.step) <= max(step, 1) } ?? kept.first ?? Self.thinning[2]
        let width = max(step.isFinite ? step : 60, Double(source.step))
        return try await database.read { db in
            // SQLite takes the other columns from the row that has the minimum (https://sqlite.org/lang_select.html
            // "bare columns").
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT queue, min(time), ready, unacknowledged, consumers, published, delivered FROM depths
                    WHERE step = ? AND \(queue == nil ? "? IS NULL" : "queue = ?") AND time >= ? AND time < ?
                    GROUP BY queue, CAST(time / ? AS INTEGER) ORDER BY 2, 1 LIMIT 100000
                    """,
                arguments: [source.step, queue, from, to, width]
            )
            return rows.map { row in
                QueueSample(
                    queue: row[0],
                    time: row[1],
                    ready: row[2],
                    unacknowledged: row[3],
                    consumers: row[4],
                    published: row[5],
                    delivered: row[6]
                )
            }
        }
    }

    static func thinDepths(_ db: Database, now: Double, limit: Int) throws -> Int {
        var deleted = 0
        for (step, kept) in thinning {
            try db.execute(
                sql: """
                    DELETE FROM depths WHERE (step, queue, time) IN
                    (SELECT step, queue, time FROM depths WHERE step = ? AND time < ? LIMIT ?)
                    """,
                arguments: [step, now - kept, limit]
            )
            deleted += db.changesCount
        }
        return deleted
    }
}
