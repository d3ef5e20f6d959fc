import CeleryProtocol
import Foundation
import GRDB

extension History {
    /// What was new in a batch of events.
    struct Accepted: Sendable {
        /// By worker.
        var counts: [String: EventCounts] = [:]
        /// Task events that were not here before.
        var events = 0
    }

    /// Adds events as they came; returns when they are on disk. Ignored where another process writes.
    ///
    /// What was added before counts for nothing, so events may safely be told again.
    /// - Parameter now: When they came, seconds since 1970.
    /// - Throws: `MonitorError` when they can't be written; then none of them is.
    @discardableResult
    func add(_ events: [CeleryMap], now: Double = Date().timeIntervalSince1970) async throws -> Accepted {
        let readings = events.compactMap { TaskEventReading($0, now: now) }
        guard !readings.isEmpty else { return Accepted() }
        let (settings, redact, route) = (settings, redact, route)
        return try await write("adding \(readings.count) events") { db in
            var batch = EventBatch(db, maxText: settings.maxText, redact: redact, route: route, now: now)
            return try batch.add(readings)
        } ?? Accepted()
    }

    /// Notes what somebody did, at whichever monitor.
    func add(_ entry: AuditEntry) async throws {
        _ = try await write("adding to the audit log", byAnybody: true) { db in
            try db.execute(
                sql: """
                    INSERT INTO audit (time, who, address, action, subject, details, outcome, is_error)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    entry.time, entry.who, entry.address, entry.action, entry.subject, entry.details, entry.outcome,
                    entry.isError,
                ]
            )
        }
    }

    /// Marks the tasks that a worker had and can't have any more: those it told of last before that time.
    ///
    /// - Returns: How many.
    @discardableResult
    func loseSight(of worker: String, before time: Double, startedOnly: Bool = false) async throws -> Int {
        try await write("marking the tasks of \(worker)") { db in
            try db.execute(
                sql: """
                    UPDATE tasks SET orphaned = 1 WHERE number IN (
                      SELECT number FROM tasks
                      WHERE worker = ? AND state IN ('RECEIVED', 'STARTED') AND orphaned = 0
                        AND timestamp < ? AND (state = 'STARTED' OR ?)
                    )
                    """,
                arguments: [worker, time, !startedOnly]
            )
            return db.changesCount
        } ?? 0
    }

    /// Takes those marks back: the worker was silent, but is still the same.
    func regainSight(of worker: String) async throws {
        _ = try await write("marking the tasks of \(worker)") { db in
            try db.execute(
                sql: """
                    UPDATE tasks SET orphaned = 0
                    WHERE worker = ? AND orphaned = 1 AND state IN ('RECEIVED', 'STARTED')
                    """,
                arguments: [worker]
            )
        }
    }

    /// Workers that have tasks which neither ended nor were lost sight of.
    func busyWorkers() async throws -> [String] {
        try await database.read { db in
            try String.fetchAll(
                db,
                sql: """
                    WITH RECURSIVE found(node) AS (
                      SELECT min(worker) FROM tasks WHERE state IN ('RECEIVED', 'STARTED') AND orphaned = 0
                      UNION ALL
                      SELECT (SELECT min(worker) FROM tasks
                              WHERE worker > node AND state IN ('RECEIVED', 'STARTED') AND orphaned = 0)
                      FROM found WHERE node IS NOT NULL
                    )
                    SELECT node FROM found WHERE node IS NOT NULL AND node <> '' LIMIT 10000
                    """
            )
        }
    }
}
