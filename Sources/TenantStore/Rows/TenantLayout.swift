import Connections
import Sharding

/// Where tenants live at first, and how their partitions are made: the section `shards` of queues.yaml.
///
/// Moves don't change it: servers know themselves which ranges they own, and tell who asks the wrong one.
package struct TenantLayout: Sendable {
    /// One PostgreSQL database with its replicas.
    package struct Server: Sendable, Hashable {
        package var name: String
        package var url: PostgresURL
        package var tenants: [TenantRange]
        /// Read by queries, in turn; writes and what a replica does not know yet go to `url`.
        package var replicas: [PostgresURL]

        package init(name: String, url: PostgresURL, tenants: [TenantRange], replicas: [PostgresURL] = []) {
            self.name = name
            self.url = url
            self.tenants = tenants
            self.replicas = replicas
        }
    }

    package let servers: [Server]
    package let map: TenantMap
    /// Tenants in a partition. Default 1000.
    package var partitionWidth = 1_000
    /// Partitions that are made above the one a tenant needs. Default 1.
    package var partitionsAhead = 1
    /// Connections to each server and replica that each `TenantRows` may open. Default 4.
    package var poolSize = 4
    /// How long a call waits for a server that is away or a range that is being moved. Default 30 s.
    package var patience: Duration = .seconds(30)

    /// Throws when ranges overlap.
    package init(servers: [Server]) throws(TenantMapError) {
        self.servers = servers
        map = try TenantMap(servers.flatMap { server in server.tenants.map { (server: server.name, range: $0) } })
    }

    package func server(named name: String) -> Server? { servers.first { $0.name == name } }
}
