import GRDB

/// What is known of workers across restarts of the monitor.
struct WorkerTable: Sendable {
    struct Entry: Sendable, Hashable {
        var name: String
        /// Seconds since 1970.
        var heard: Double
        var pid: Int?
        var software: String?
        var counts = EventCounts()
    }

    private static let columns = ["received", "started", "succeeded", "failed", "retried", "revoked", "rejected"]

    static func add(_ counts: [String: EventCounts], to db: Database) throws {
        for (name, more) in counts {
            try db.cachedStatement(
                sql: """
                    INSERT INTO workers (name, heard, \(columns.joined(separator: ", "))) VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (name) DO UPDATE SET \(columns.map { "\($0) = \($0) + excluded.\($0)" }.joined(separator: ", "))
                    """
            ).execute(
                arguments: [
                    name, more.received, more.started, more.succeeded, more.failed, more.retried, more.revoked,
                    more.rejected,
                ]
            )
        }
    }

    static func entries(_ db: Database) throws -> [Entry] {
        try Row.fetchAll(db, sql: "SELECT * FROM workers ORDER BY heard DESC LIMIT \(Fleet.maxWorkers)").map { row in
            var entry = Entry(name: row["name"], heard: row["heard"], pid: row["pid"], software: row["software"])
            for column in columns {
                if let path = EventCounts.path(column) { entry.counts[keyPath: path] = row[column] }
            }
            return entry
        }
    }

    static func remember(_ entries: [Entry], in db: Database) throws {
        for entry in entries {
            try db.cachedStatement(
                sql: """
                    INSERT INTO workers (name, heard, pid, software) VALUES (?, ?, ?, ?)
                    ON CONFLICT (name) DO UPDATE SET heard = excluded.heard, pid = excluded.pid, software = excluded.software
                    """
            ).execute(arguments: [entry.name, entry.heard, entry.pid, entry.software])
        }
    }

    static func forget(_ names: [String], in db: Database) throws {
        for name in names { try db.execute(sql: "DELETE FROM workers WHERE name = ?", arguments: [name]) }
    }
}

extension History {
    /// Since the history begins.
    func counts() async throws -> [String: EventCounts] {
        Dictionary(try await knownWorkers().map { ($0.name, $0.counts) }, uniquingKeysWith: { $1 })
    }

    /// The newest first.
    func knownWorkers() async throws -> [WorkerTable.Entry] { try await database.read(WorkerTable.entries) }

    func remember(_ workers: [WorkerTable.Entry]) async throws {
        guard !workers.isEmpty else { return }
        _ = try await write("writing down \(workers.count) workers") { try WorkerTable.remember(workers, in: $0) }
    }

    func forget(_ workers: [String]) async throws {
        guard !workers.isEmpty else { return }
        _ = try await write("forgetting \(workers.count) workers") { try WorkerTable.forget(workers, in: $0) }
    }
}
