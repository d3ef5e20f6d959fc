import Connections
import Sharding

/// One server as a mover uses it: as the owner of the tables. It works on partitions by name, because row-level security
/// is forced on the table for its owner, too.
struct MoveServer: Sendable {
    let name: String
    let pool: PostgresPool

    /// A partition and the tenants it holds.
    struct Partition: Sendable {
        let name: String
        let first: Int
        let last: Int
    }

    /// The partitions that have tenants of `range`, in order.
    func partitions(of range: TenantRange) async throws -> [Partition] {
        let rows = try await pool.query(
            "SELECT name, first, last FROM chard.partitions WHERE first <= $2 AND last >= $1 ORDER BY first",
            [.int(range.first), .int(range.last)]
        )
        return try rows.map {
            Partition(name: try $0.text("name"), first: try $0.int("first"), last: try $0.int("last"))
        }
    }

    /// The partition of a tenant, made if need be.
    func partition(of tenant: Int, width: Int) async throws -> Partition {
        if let found = try await partitions(of: TenantRange(clamping: tenant, tenant)).first { return found }
        _ = try await pool.pipeline([
            PostgresStatement("SELECT pg_advisory_xact_lock(\(AdvisoryLock.partitions), 0)"),
            PostgresStatement("SELECT chard.make_partition($1, $2)", [.int(tenant), .int(width)]),
        ])
        guard let made = try await partitions(of: TenantRange(clamping: tenant, tenant)).first else {
            throw TenantError.conflict("server \(name) made no partition for tenant \(tenant)")
        }
        return made
    }

    /// The highest id given so far.
    func lastID() async throws -> Int {
        let sql = "SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END AS id FROM public.agent_data_id_seq"
        return try await pool.query(sql)[0].int("id")
    }

    /// The transactions that write tenants of `range` now.
    func writers(of range: TenantRange) async throws -> Set<String> {
        let rows = try await pool.query(
            """
            SELECT virtualtransaction AS id FROM pg_locks
            WHERE locktype = 'advisory' AND classid = \(AdvisoryLock.writers) AND objsubid = 2
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND objid::bigint BETWEEN $1 AND $2
            """,
            [.int(range.first), .int(range.last)]
        )
        return Set(try rows.map { try $0.text("id") })
    }

    /// An id up to which all rows of `range` are there or never will be: ids are given inside transactions that hold a
    /// lock on their tenant, so it is enough that those that run now have ended.
    ///
    /// - Returns: nil when they did not end within `limit`.
    func settledID(of range: TenantRange, within limit: Duration) async throws -> Int? {
        let id = try await lastID()
        var running = try await writers(of: range)
        let deadline = ContinuousClock.now + limit
        while !running.isEmpty {
            guard ContinuousClock.now < deadline else { return nil }
            try await Task.sleep(for: .milliseconds(5))
            running.formIntersection(try await writers(of: range))
        }
        return id
    }

    /// Tenants of `range` of which rows were deleted since the move began.
    func tenantsWithDeletions(in range: TenantRange) async throws -> [Int] {
        try await pool.query(
            "SELECT DISTINCT tenant_id FROM chard.deletions WHERE tenant_id BETWEEN $1 AND $2 ORDER BY 1",
            [.int(range.first), .int(range.last)]
        ).map { try $0.int("tenant_id") }
    }

    /// Rows of each tenant: how many, and the sum of their ids.
    func counts(of range: TenantRange, after: Int, through: Int) async throws -> [Int: TenantCount] {
        var counts: [Int: TenantCount] = [:]
        for partition in try await partitions(of: range) {
            let rows = try await pool.query(
                """
                SELECT tenant_id, count(*) AS rows, sum(id)::text AS ids FROM \(partition.name)
                WHERE tenant_id BETWEEN $1 AND $2 AND id > $3 AND id <= $4 GROUP BY tenant_id
                """,
                [.int(range.first), .int(range.last), .int(after), .int(through)],
                timeout: .seconds(3_600)
            )
            for row in rows {
                counts[try row.int("tenant_id")] = TenantCount(rows: try row.int("rows"), ids: try row.text("ids"))
            }
        }
        return counts
    }
}
