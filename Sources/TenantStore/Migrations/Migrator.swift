import Connections

/// Brings the schema of one server up to date: steps that are noted in `chard.migrations` are not run again.
///
/// Any number may run at once: each waits for a lock on the database, then finds nothing to do. A step that fails leaves
/// nothing of itself behind.
package struct Migrator: Sendable {
    private let pool: PostgresPool

    /// The pool's user must own the database, and may create the role `chard_tenant` unless it exists.
    package init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// - Returns: The names of the steps that were run now.
    /// - Throws: `TenantError.newerSchema`, or `PostgresError`.
    package func run() async throws -> [String] {
        try await pool.withConnection { connection in
            _ = try await connection.query(
                "SELECT pg_advisory_lock(\(AdvisoryLock.migrations), 0)",
                timeout: .seconds(600)
            )
            do {
                let names = try await applyMissing(on: connection)
                try await unlock(connection)
                return names
            } catch {
                try? await unlock(connection)
                throw error
            }
        }
    }

    private func applyMissing(on connection: PostgresConnection) async throws -> [String] {
        try await connection.script(
            """
            CREATE SCHEMA IF NOT EXISTS chard;
            CREATE TABLE IF NOT EXISTS chard.migrations (
                version int PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()
            )
            """
        )
        let rows = try await connection.query("SELECT coalesce(max(version), 0) AS version FROM chard.migrations")
        let current = try rows[0].int("version")
        guard current <= Migration.all.count else {
            throw TenantError.newerSchema(server: pool.url.endpoint, found: current, known: Migration.all.count)
        }
        let missing = Migration.all.filter { $0.version > current }
        for step in missing {
            // Names are of this source, never of a user.
            let note = "INSERT INTO chard.migrations (version, name) VALUES (\(step.version), '\(step.name)')"
            try await connection.script("BEGIN;\n\(step.sql);\n\(note);\nCOMMIT", timeout: .seconds(600))
        }
        return missing.map(\.name)
    }

    private func unlock(_ connection: PostgresConnection) async throws {
        // After a failed script the session is still inside its transaction.
        try await connection.script("ROLLBACK; SELECT pg_advisory_unlock(\(AdvisoryLock.migrations), 0)")
    }
}
