import CeleryWorker
import Connections
import TenantStore

extension HealthCheck {
    /// The PostgreSQL servers with their replicas; over connections of their own, so that busy tasks don't hide them.
    static func postgres(_ layout: TenantLayout, _ logger: Logger) -> [HealthCheck] {
        layout.servers.flatMap { server in
            let replicas = server.replicas.enumerated().map { ("\(server.name):replica\($0 + 1)", $1) }
            return ([(server.name, server.url)] + replicas).map { name, url in
                let options = PostgresPoolOptions(size: 1, settings: ["application_name": "chard health"])
                let pool = PostgresPool(url, options: options, logger: logger)
                return HealthCheck("postgres:\(name)") {
                    let rows = try await pool.query("SELECT current_setting('server_version') AS version")
                    return ["version": .string(try rows.first?.text("version") ?? "")]
                }
            }
        }
    }

    static func vectors(_ shards: Vectors) -> [HealthCheck] {
        shards.stores.values.sorted { $0.name < $1.name }.map { store in
            HealthCheck("vectors:\(store.name)") {
                try await store.check()
                return ["address": .string(store.address)]
            }
        }
    }
}
