import CeleryWorker

extension ConfigKeys {
    enum Shards {
        static let width = ConfigKey("partition_width", "Tenants in a partition, 1 to 1000000000, default 1000.")
        static let ahead = ConfigKey(
            "partitions_ahead",
            "Partitions made above the one that a tenant needs, 0 to 100, default 1."
        )
        static let pool = ConfigKey("pool", "Connections to each server for each queue, 1 to 1000, default 4.")
        static let patience = ConfigKey(
            "patience",
            "How long a task waits for a server that is away or a tenant that is being moved, 0 s to 1 h, default 30s."
        )
        static let servers = ConfigKey("servers", "The PostgreSQL servers by name.", isScalar: false)
        static let all = [width, ahead, pool, patience, servers]
    }

    enum ShardServer {
        static let url = ConfigKey("url", "postgres://user:password@host:port/database.")
        static let tenants = ConfigKey(
            "tenants",
            "The tenants that live there at first, as 1..99999, or several such ranges."
        )
        static let replicas = ConfigKey("replicas", "URLs of its read replicas, which queries ask in turn.")
        static let all = [url, tenants, replicas]
    }
}
