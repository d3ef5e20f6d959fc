import CeleryWorker

extension ConfigKeys {
    enum Vectors {
        static let stores = ConfigKey(
            "stores",
            "The vector stores by name; for md5_modulo their order matters.",
            isScalar: false
        )
        static let routing = ConfigKey(
            "routing",
            "How a collection's name chooses its store: md5_modulo (default) or consistent."
        )
        static let metric = ConfigKey(
            "metric",
            "For collections that are made: cosine (default), euclid or dot."
        )
        static let spread = ConfigKey(
            "spread",
            "Patterns, as docs-*, of collections whose points are spread over all stores."
        )
        static let timeout = ConfigKey("timeout", "For one request to a store, 10 ms to 10 min, default 10s.")
        static let stateLifetime = ConfigKey(
            "state_lifetime",
            "How long workers go by what they know of the layout, 10 ms to 1 min, default 2s; the same for all workers."
        )
        static let all = [stores, routing, metric, spread, timeout, stateLifetime]
    }

    enum VectorStoreKeys {
        static let url = ConfigKey("url", "chroma://host:port, qdrant://host:port, or with +https.")
        static let apiKey = ConfigKey("api_key", "Qdrant's api-key, or the token of Chroma.")
        static let leaving = ConfigKey("leaving", "true: keeps nothing new, and a rebalance empties it; default false.")
        static let all = [url, apiKey, leaving]
    }
}
