import Connections
import Sharding

/// Removes a range's rows from a server that does not own it.
struct MoveCleanup: Sendable {
    private static var batch: Int { 10_000 }

    let server: MoveServer
    let range: TenantRange
    /// The move, with its token, that must not have been taken over, on the target.
    var move: (id: String, token: Int)?

    /// Deletes in small transactions; partitions that held nothing else are dropped when nobody uses them.
    func run() async throws {
        try await purge()
        for partition in try await server.partitions(of: range)
        where partition.first >= range.first && partition.last <= range.last {
            try await drop(partition)
        }
    }

    func purge() async throws {
        for partition in try await server.partitions(of: range) {
            while try await delete(partition.name) == Self.batch {}
        }
        while try await delete("chard.task_writes") == Self.batch {}
        while try await delete("chard.deletions") == Self.batch {}
    }

    /// Deletes some rows, if no tenant of the range is the server's own; a move back waits meanwhile.
    private func delete(_ table: String) async throws -> Int {
        let id = PostgresValue.text(move?.id ?? "00000000-0000-0000-0000-000000000000")
        let token = PostgresValue.int(move?.token ?? 0)
        let answers = try await server.pool.pipeline([
            PostgresStatement("LOCK TABLE chard.tenant_ranges IN SHARE MODE"),
            // Locks the row, so that no other mover takes over before the rows are gone.
            PostgresStatement("UPDATE chard.moves SET updated_at = now() WHERE id = $1 AND epoch = $2", [id, token]),
            PostgresStatement(
                """
                DELETE FROM \(table) WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM \(table) WHERE tenant_id BETWEEN $1 AND $2 LIMIT \(Self.batch)
                )) AND NOT EXISTS (
                    SELECT FROM chard.tenant_ranges t
                    WHERE t.first <= $2 AND t.last >= $1 AND t.state IN ('owned', 'fenced')
                ) AND ($4 = 0 OR EXISTS (SELECT FROM chard.moves WHERE id = $3 AND epoch = $4))
                """,
                [.int(range.first), .int(range.last), id, token]
            ),
        ])
        return answers[2].affected
    }

    /// Not worth waiting for: an empty partition does no harm, and the next move of the range drops it.
    private func drop(_ partition: MoveServer.Partition) async throws {
        do {
            try await server.pool.transaction { connection in
                _ = try await connection.query("SET LOCAL lock_timeout = '1s'")
                _ = try await connection.query("LOCK TABLE chard.tenant_ranges IN SHARE MODE")
                let inUse = try await connection.query(
                    """
                    SELECT EXISTS (SELECT FROM \(partition.name)) OR EXISTS (
                        SELECT FROM chard.tenant_ranges t
                        WHERE t.first <= $2 AND t.last >= $1 AND t.state <> 'moved'
                    ) AS used
                    """,
                    [.int(partition.first), .int(partition.last)]
                )
                guard try !inUse[0].bool("used") else { return }
                _ = try await connection.query("ALTER TABLE public.agent_data DETACH PARTITION \(partition.name)")
                _ = try await connection.query("DROP TABLE \(partition.name)")
            }
        } catch let error as PostgresError where error.sqlState == "55P03" || error.sqlState == "40P01" {}
    }
}
