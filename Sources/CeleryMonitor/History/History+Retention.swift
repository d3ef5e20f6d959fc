import Foundation
import GRDB

extension History {
    /// Tasks that one step takes away: some milliseconds of the writer's time.
    private static let step = 500
    /// And when events come so fast that each step waits long for its turn.
    private static let longStep = 2500

    /// Takes away what is too old or too much, one small step.
    ///
    /// - Returns: Whether there is more to do.
    func prune(now: Double = Date().timeIntervalSince1970) async throws -> Bool {
        let (maxTasks, maxAge) = (settings.maxTasks, Double(settings.maxAge.components.seconds))
        return try await write("taking old tasks away") { db in
            let tasks = Int(try Facts.number("tasks", db) ?? 0)
            var numbers: [Int64] = []
            if tasks > maxTasks {
                // By their arrival here, which no foreign clock can disturb.
                numbers = try Int64.fetchAll(
                    db,
                    sql: "SELECT number FROM tasks ORDER BY number LIMIT ?",
                    arguments: [min(tasks - maxTasks, tasks - maxTasks > Self.longStep ? Self.longStep : Self.step)]
                )
            } else {
                numbers = try Self.expired(before: now - maxAge, db)
            }
            try Self.delete(numbers, db)
            let series = try Self.pruneSeries(db, now: now)
            let depths = try Self.thinDepths(db, now: now, limit: Self.step)
            try Self.pruneOthers(db, now: now)
            let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            if free > 1000 { try db.execute(sql: "PRAGMA incremental_vacuum(200)") }
            return numbers.count >= Self.step || series >= Self.step || depths >= Self.step || free > 1200
        } ?? false
    }

    private static func expired(before time: Double, _ db: Database) throws -> [Int64] {
        var numbers: [Int64] = []
        for state in try TaskSelect.values(of: "state", db, limit: 100) where numbers.count < step {
            numbers += try Int64.fetchAll(
                db,
                sql: """
                    SELECT number FROM tasks INDEXED BY tasks_state_timestamp
                    WHERE state = ? AND timestamp < ? ORDER BY timestamp LIMIT ?
                    """,
                arguments: [state, time, step - numbers.count]
            )
        }
        return numbers
    }

    private static func delete(_ numbers: [Int64], _ db: Database) throws {
        let read = try db.cachedStatement(sql: "\(TaskRow.read) WHERE t.number = ?")
        for number in numbers {
            guard let row = try Row.fetchOne(read, arguments: [number]).map(TaskRow.init) else { continue }
            try TaskTexts.unindex(row.texts, number, db)
            for table in ["tasks", "texts"] {
                try db.cachedStatement(sql: "DELETE FROM \(table) WHERE number = ?").execute(arguments: [number])
            }
            try db.cachedStatement(sql: "DELETE FROM moments WHERE task = ?").execute(arguments: [number])
            if let root = row.foreignRoot { try leaveWorkflow(root, db) }
        }
        try Facts.add(-numbers.count, to: "tasks", db)
    }

    private static func leaveWorkflow(_ root: String, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE workflows SET tasks = tasks - 1 WHERE root = ?").execute(arguments: [root])
        try db.cachedStatement(sql: "DELETE FROM workflows WHERE root = ? AND tasks <= 0").execute(arguments: [root])
    }

    private static func pruneSeries(_ db: Database, now: Double) throws -> Int {
        var deleted = 0
        for span in SeriesSteps.all {
            try db.cachedStatement(
                sql: """
                    DELETE FROM series WHERE (step, kind, key, time) IN
                    (SELECT step, kind, key, time FROM series WHERE step = ? AND time < ? LIMIT ?)
                    """
            ).execute(arguments: [span.seconds, Int(now - span.kept), step])
            deleted += db.changesCount
        }
        return deleted
    }

    private static func pruneOthers(_ db: Database, now: Double) throws {
        try db.execute(
            sql: "DELETE FROM audit WHERE number <= (SELECT max(number) FROM audit) - 100000",
        )
        try db.execute(sql: "DELETE FROM gaps WHERE ends < ?", arguments: [now - SeriesSteps.hours.kept])
    }
}
