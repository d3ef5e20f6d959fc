import GRDB

/// Which entries of the audit log.
struct AuditFilter: Sendable, Hashable {
    /// Exactly; nil: all.
    var who: String?
    var action: String?
    /// Earlier than this; seconds since 1970.
    var before: Double?
    var failuresOnly = false
}

extension History {
    /// The newest first.
    func audit(_ filter: AuditFilter, limit: Int) async throws -> [AuditEntry] {
        let limit = min(max(limit, 1), 1000)
        return try await database.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM audit
                    WHERE time < ? AND (? IS NULL OR who = ?) AND (? IS NULL OR action = ?) AND (NOT ? OR is_error)
                    ORDER BY time DESC, number DESC LIMIT ?
                    """,
                arguments: [
                    filter.before ?? 1e300, filter.who, filter.who, filter.action, filter.action, filter.failuresOnly,
                    limit,
                ]
            )
            return rows.map { row in
                AuditEntry(
                    time: row["time"],
                    who: row["who"],
                    address: row["address"],
                    action: row["action"],
                    subject: row["subject"],
                    details: row["details"],
                    outcome: row["outcome"],
                    isError: row["is_error"]
                )
            }
        }
    }

    /// Who and what is in the audit log, for filters; each sorted, at most 200.
    func auditNames() async throws -> (who: [String], actions: [String]) {
        try await database.read { db in
            (
                try String.fetchAll(db, sql: "SELECT DISTINCT who FROM audit ORDER BY who LIMIT 200"),
                try String.fetchAll(db, sql: "SELECT DISTINCT action FROM audit ORDER BY action LIMIT 200")
            )
        }
    }
}
