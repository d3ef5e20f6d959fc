import Connections
import Foundation
import Logging
import Synchronization

/// One server as a worker uses it: as the limited role `chard_tenant`, whatever the URL's user may do.
package final class TenantShard: Sendable {
    package let name: String
    package let primary: PostgresPool
    let partitions = PartitionCache()
    private let replicas: [PostgresPool]
    private let turn = Atomic<Int>(0)

    /// - Parameter pool: The name of the bulkhead, for the server's list of connections.
    init(_ server: TenantLayout.Server, size: Int, pool: String, logger: Logger) {
        name = server.name
        // Superusers and roles with BYPASSRLS are not held by row-level security; a role set at login is.
        let options = PostgresPoolOptions(
            size: size,
            settings: ["role": "chard_tenant", "application_name": "chard \(pool)", "datestyle": "ISO"]
        )
        primary = PostgresPool(server.url, options: options, logger: logger)
        replicas = server.replicas.map { PostgresPool($0, options: options, logger: logger) }
    }

    /// The next replica in turn; nil without any.
    var replica: PostgresPool? {
        guard !replicas.isEmpty else { return nil }
        return replicas[turn.wrappingAdd(1, ordering: .relaxed).oldValue & Int.max % replicas.count]
    }

    func close() async {
        for pool in [primary] + replicas { await pool.close() }
    }

    /// The partition of a tenant of this server; it and those ahead of it are made if need be.
    func partition(of tenant: Int, _ layout: TenantLayout) async throws -> PartitionCache.Partition {
        if let known = partitions.partition(of: tenant) { return known }
        let rows = try await primary.query(
            "SELECT name, first, last FROM chard.ensure_partition($1, $2, $3)",
            [.int(tenant), .int(layout.partitionWidth), .int(layout.partitionsAhead)]
        )
        guard let row = rows.first else {
            throw PostgresError(.invalid, "the partition of tenant \(tenant) was not made")
        }
        let partition = PartitionCache.Partition(
            first: try row.int("first"),
            last: try row.int("last"),
            name: try row.text("name")
        )
        partitions.add(partition)
        return partition
    }
}
