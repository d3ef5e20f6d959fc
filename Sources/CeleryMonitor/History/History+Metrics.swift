import GRDB

extension HistorySchema {
    /// The counters of `/metrics`; see `MetricRow`.
    static let counters = """
        CREATE TABLE counters (
          worker TEXT NOT NULL, task TEXT NOT NULL, counts TEXT NOT NULL, runtime REAL NOT NULL,
          PRIMARY KEY (worker, task)
        ) WITHOUT ROWID;
        """
}

extension History {
    /// The counters as they were stored, and how many events were counted in all.
    func metrics() async throws -> (rows: [MetricRow], events: Int) {
        try await database.read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT worker, task, counts, runtime FROM counters LIMIT 100000")
            let counters: [MetricRow] = rows.map {
                MetricRow(worker: $0["worker"], task: $0["task"], counts: $0["counts"], runtime: $0["runtime"])
            }
            return (counters, Int(exactly: try Facts.number("events", db) ?? 0) ?? 0)
        }
    }

    func add(_ changes: MetricChanges) async throws {
        _ = try await write("storing the counters of /metrics") { db in
            for worker in changes.removed {
                try db.cachedStatement(sql: "DELETE FROM counters WHERE worker = ?").execute(arguments: [worker])
            }
            let insert = try db.cachedStatement(sql: "INSERT OR REPLACE INTO counters VALUES (?, ?, ?, ?)")
            for row in changes.rows {
                try insert.execute(arguments: [row.worker, row.task, row.counts, row.runtime])
            }
            try Facts.set(Double(changes.events), "events", db)
        }
    }

    /// The ids of the tasks that these have sent, by theirs; of those that are in the history.
    func children(of ids: [String]) async throws -> [String: [String]] {
        guard !ids.isEmpty else { return [:] }
        return try await database.read { db in
            var children: [String: [String]] = [:]
            // SQLite takes 32,766 arguments; these are given twice.
            for start in stride(from: 0, to: ids.count, by: 1000) {
                let some = Array(ids[start..<min(start + 1000, ids.count)])
                let marks = databaseQuestionMarks(count: some.count)
                let rows = try Row.fetchAll(
                    db,
                    sql: """
                        SELECT parent, id FROM tasks WHERE root IN
                        (SELECT coalesce(root, id) FROM tasks WHERE id IN (\(marks))) AND parent IN (\(marks))
                        ORDER BY number LIMIT 100000
                        """,
                    arguments: StatementArguments(some + some)
                )
                for row in rows { children[row["parent"], default: []].append(row["id"]) }
            }
            return children
        }
    }
}
