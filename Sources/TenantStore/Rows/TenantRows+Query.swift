import Connections
import Foundation

extension TenantRows {
    /// Rows of a tenant in the order of their ids; the next page begins after the last id of this one.
    ///
    /// Replicas answer in turn where the layout has them: what was written a moment ago may be missing there. The primary
    /// answers when a replica can't, or does not know of the tenant yet.
    ///
    /// - Parameters:
    ///   - containing: JSON text that `data` must contain, as `jsonb @>` defines it.
    ///   - since: The earliest moment of creation.
    ///   - until: The moment of creation that is too late.
    ///   - after: The id after which to begin.
    ///   - limit: The most rows; below 1 counts as none.
    /// - Throws: `TenantError`, or `CancellationError`.
    package func query(
        tenant: Int,
        agent: UUID? = nil,
        containing: String? = nil,
        since: Date? = nil,
        until: Date? = nil,
        after: Int64? = nil,
        limit: Int
    ) async throws -> [TenantRow] {
        guard limit > 0 else { return [] }
        var select = TenantSelect(tenant: tenant, limit: limit)
        if let agent { select.add("agent_id = ?::uuid", .text(agent.uuidString)) }
        if let containing { select.add("data @> ?::jsonb", .text(containing)) }
        if let since {
            select.add("created_at >= \(PostgresTime.timestamp("?::bigint"))", .int(PostgresTime.since2000(since)))
        }
        if let until {
            select.add("created_at < \(PostgresTime.timestamp("?::bigint"))", .int(PostgresTime.since2000(until)))
        }
        if let after { select.add("id > ?::bigint", .int(after)) }
        let statement = select.statement
        return try await onOwner(of: tenant) { shard, _ in
            let statements = [TenantWrite.setTenant(tenant), statement]
            if let replica = shard.replica, let answers = try? await replica.pipeline(statements) {
                return try TenantSelect.rows(answers[1], tenant)
            }
            return try TenantSelect.rows(await shard.primary.pipeline(statements)[1], tenant)
        }
    }

    /// Deletes every row of a tenant.
    ///
    /// That a task wrote stays known, so that a task delivered again does not bring rows back. What others write
    /// meanwhile may stay.
    ///
    /// - Returns: How many rows were deleted.
    /// - Throws: `TenantError`, or `CancellationError`.
    package func delete(tenant: Int) async throws -> Int {
        try await onOwner(of: tenant) { shard, _ in
            let delete = PostgresStatement("DELETE FROM public.agent_data WHERE tenant_id = $1", [.int(tenant)])
            return try await shard.primary.pipeline([TenantWrite.setTenant(tenant), delete], timeout: .seconds(600))[1]
                .affected
        }
    }
}
