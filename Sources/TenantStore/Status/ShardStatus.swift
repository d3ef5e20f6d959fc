import Connections
import Logging
import Sharding

/// What a server holds: for `chard shards status`.
package struct ShardStatus: Sendable {
    /// A partition of `agent_data`.
    package struct Partition: Sendable {
        package let name: String
        package let first: Int
        package let last: Int
        /// Exact if that was asked for, else as PostgreSQL's statistics count them.
        package let rows: Int
        /// With indexes.
        package let bytes: Int
    }

    /// A move from this server that is not finished.
    package struct Move: Sendable {
        package let range: TenantRange
        package let target: String
        package let phase: String
    }

    package let server: String
    /// Without the password.
    package let url: String
    /// Why it could not be asked; nil if it could.
    package var problem: String?
    package var schemaVersion = 0
    package var ranges: [KnownRange] = []
    package var partitions: [Partition] = []
    package var moves: [Move] = []

    /// Asks every server, all at once; a server that does not answer has a `problem`. In the layout's order.
    package static func all(of layout: TenantLayout, exact: Bool, logger: Logger) async -> [ShardStatus] {
        await withTaskGroup(of: (Int, ShardStatus).self) { group in
            for (index, server) in layout.servers.enumerated() {
                group.addTask { (index, await status(of: server, exact: exact, logger)) }
            }
            var found: [(Int, ShardStatus)] = []
            for await status in group { found.append(status) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func status(of server: TenantLayout.Server, exact: Bool, _ logger: Logger) async -> ShardStatus {
        let options = PostgresPoolOptions(size: 1, settings: ["application_name": "chard shards status"])
        let pool = PostgresPool(server.url, options: options, logger: logger)
        var status = ShardStatus(server: server.name, url: "\(server.url)")
        do {
            try await status.read(from: pool, exact: exact)
        } catch let error as PostgresError where ["3F000", "42P01"].contains(error.sqlState) {
            status.problem = "\(TenantError.notMigrated(server: server.name, reason: error.message))"
        } catch {
            status.problem = "\(error)"
        }
        await pool.close()
        return status
    }

    private mutating func read(from pool: PostgresPool, exact: Bool) async throws {
        schemaVersion = try await pool.query("SELECT coalesce(max(version), 0) AS v FROM chard.migrations")[0].int("v")
        ranges = try await KnownRange.all(on: pool)
        let rows = try await pool.query(
            """
            SELECT p.name, p.first, p.last, pg_total_relation_size(p.relation) AS bytes,
                coalesce(pg_stat_get_live_tuples(p.relation), 0) AS rows
            FROM chard.partitions p ORDER BY p.first
            """
        )
        for row in rows {
            let name = try row.text("name")
            let count =
                exact
                ? try await pool.query("SELECT count(*) AS n FROM \(name)", timeout: .seconds(600))[0].int("n")
                : try row.int("rows")
            partitions.append(
                Partition(
                    name: name,
                    first: try row.int("first"),
                    last: try row.int("last"),
                    rows: count,
                    bytes: try row.int("bytes")
                )
            )
        }
        moves = try await pool.query(
            """
            SELECT m.first, m.last, m.target, m.phase FROM chard.moves m, chard.server s
            WHERE m.source = s.name AND m.phase <> 'done' ORDER BY m.first
            """
        ).map {
            Move(
                range: TenantRange(clamping: try $0.int("first"), try $0.int("last")),
                target: try $0.text("target"),
                phase: try $0.text("phase")
            )
        }
    }
}
