import Connections
import Sharding

/// Removes a range's rows from a server that does not own it.
struct MoveCleanup: Sendable {
    private static var batch: Int { 10_000 }

    let source: MoveServer
    let range: TenantRange

    /// Deletes in small transactions; partitions that held nothing else are dropped when nobody uses them.
    ///
    /// - Returns: How many rows went.
    func run() async throws -> Int {
        let rows = try await purge()
        for partition in try await source.partitions(of: range)
        where partition.first >= range.first && partition.last <= range.last {
            try await drop(partition)
        }
        return rows
    }

    @discardableResult
    func purge() async throws -> Int {
        var total = 0
        for partition in try await source.partitions(of: range) {
            var count = 0
            repeat {
                count = try await delete("\(partition.name)")
                total += count
            } while count == Self.batch
        }
        while try await delete("chard.task_writes") == Self.batch {}
        while try await delete("chard.deletions") == Self.batch {}
        return total
    }

    /// Deletes some rows, if no tenant of the range is the server's own; a move back waits meanwhile.
    private func delete(_ table: String) async throws -> Int {
        let bounds: [PostgresValue] = [.int(range.first), .int(range.last)]
        let answers = try await source.pool.pipeline([
            PostgresStatement("LOCK TABLE chard.tenant_ranges IN SHARE MODE"),
            PostgresStatement(
                """
                DELETE FROM \(table) WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM \(table) WHERE tenant_id BETWEEN $1 AND $2 LIMIT \(Self.batch)
                )) AND NOT EXISTS (
                    SELECT FROM chard.tenant_ranges t
                    WHERE t.first <= $2 AND t.last >= $1 AND t.state IN ('owned', 'fenced')
                )
                """,
                bounds
            ),
        ])
        return answers[1].affected
    }

    /// Not worth waiting for: an empty partition does no harm, and the next move of the range drops it.
    private func drop(_ partition: MoveServer.Partition) async throws {
        do {
            try await source.pool.transaction { connection in
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
