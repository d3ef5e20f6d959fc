import Connections
import Sharding

extension MoveCopy {
    /// Compares both sides' rows with ids above `after`, up to `through`. Tenants of which rows were deleted meanwhile are
    /// left to `repeatDeletions`.
    ///
    /// - Throws: `TenantError.moveFailed`; then the copy begins anew next time.
    func verify(after: Int, through: Int) async throws {
        guard through > after else { return }
        let there = try await source.counts(of: range, after: after, through: through)
        let here = try await target.counts(of: range, after: after, through: through)
        let deleted = Set(try await source.tenantsWithDeletions(in: range))
        for tenant in Set(there.keys).union(here.keys) where !deleted.contains(tenant) {
            try await compare(tenant, there[tenant], here[tenant])
        }
    }

    /// Under the fence: copies tenants anew of which rows were deleted since the move began, perhaps after they had been
    /// copied.
    func repeatDeletions(through settled: Int) async throws {
        for tenant in try await source.tenantsWithDeletions(in: range) {
            let one = TenantRange(clamping: tenant, tenant)
            let partition = try await target.partition(of: tenant, width: part.width)
            try await target.pool.transaction { connection in
                try await set("row_count = row_count", on: connection)
                _ = try await connection.query(
                    "DELETE FROM \(partition.name) WHERE tenant_id = $1",
                    [.int(tenant)]
                )
                try await copyAll(of: one, through: settled, into: partition.name, on: connection)
            }
            let there = try await source.counts(of: one, after: 0, through: settled)
            try await compare(
                tenant,
                there[tenant],
                try await target.counts(of: one, after: 0, through: settled)[tenant]
            )
        }
    }

    private func copyAll(
        of range: TenantRange,
        through settled: Int,
        into name: String,
        on connection: PostgresConnection
    ) async throws {
        guard let partition = try await source.partitions(of: range).first else { return }
        var position = MoveProgress(settled: 0, watermark: settled)
        while true {
            let batch = try await MoveBatch.read(from: partition.name, of: range, position, 1_000, source.pool)
            guard let last = batch.last else { return }
            _ = try await connection.copyIn(MoveBatch.copyStatement(into: name), [MoveBatch.encoded(batch.rows[...])])
            position.cursorTenant = last.tenant
            position.cursorID = last.id
        }
    }

    private func compare(_ tenant: Int, _ there: TenantCount?, _ here: TenantCount?) async throws {
        guard there != here else { return }
        try await set("settled = 0, watermark = 0, cursor_tenant = -1, cursor_id = 0, row_count = 0")
        throw TenantError.moveFailed(
            range,
            reason: "tenant \(tenant) has \(there?.rows ?? 0) rows on \(source.name) and \(here?.rows ?? 0) on "
                + "\(target.name), or other ones; the copy begins anew"
        )
    }
}
