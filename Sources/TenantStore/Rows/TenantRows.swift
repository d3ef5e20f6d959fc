import Logging
import Sharding

/// The rows of tenants over all servers: each call finds the tenant's server, and follows the tenant when it moves.
///
/// Thread-safe. A call waits up to the layout's `patience` for a server that is away and for a range that is being
/// moved, and repeats what failed; that is safe because writes are known by their task. In the database the tenant is a
/// setting of the transaction, by which row-level security holds whatever the statement says.
package final class TenantRows: Sendable {
    package let layout: TenantLayout
    let shards: [String: TenantShard]
    let routes: TenantRoutes
    let logger: Logger

    /// Nothing is connected before the first call.
    ///
    /// - Parameter pool: The bulkhead: the queue whose tasks use it. Each has connections of its own.
    package init(_ layout: TenantLayout, pool: String, logger: Logger) {
        self.layout = layout
        self.logger = logger
        routes = TenantRoutes(layout.map)
        let shards = layout.servers.map { TenantShard($0, size: layout.poolSize, pool: pool, logger: logger) }
        self.shards = Dictionary(uniqueKeysWithValues: shards.map { ($0.name, $0) })
    }

    package func close() async {
        for shard in shards.values { await shard.close() }
    }
}
