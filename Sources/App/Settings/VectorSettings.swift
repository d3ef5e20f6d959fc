import CeleryWorker
import Connections
import TenantStore

/// Where vectors live (`vectors:` in queues.yaml).
struct VectorSettings: SettingsSection {
    static let key = ConfigKey("vectors", "The vector stores.", isScalar: false)
    static let known: [ConfigKey]? = ConfigKeys.Vectors.all

    struct Store {
        var name: String
        var url: VectorStoreURL
        var apiKey: String?
        /// It keeps nothing new, and a rebalance empties it.
        var isLeaving: Bool
    }

    var stores: [Store] = []
    /// Nil: no store is named.
    var options: VectorsOptions?

    init(reading reader: SettingsReader) {
        let keys = ConfigKeys.Vectors.self
        let section = reader.section(keys.stores, known: nil)
        stores = section.names.compactMap { name in
            Self.store(name, section.section(named: name, known: ConfigKeys.VectorStoreKeys.all))
        }
        let routing = reader.choice(keys.routing, of: VectorLayout.Routing.self) ?? .md5Modulo
        let spread = reader.values(keys.spread)?.map(\.text).filter { !$0.isEmpty } ?? []
        let metric = reader.choice(keys.metric, of: VectorMetric.self)
        let timeout = reader.duration(keys.timeout, in: .milliseconds(10) ... .seconds(600))
        let lifetime = reader.duration(keys.stateLifetime, in: .milliseconds(10) ... .seconds(60))
        guard !stores.isEmpty else { return }
        let staying = stores.filter { !$0.isLeaving }.map(\.name)
        guard !staying.isEmpty else {
            reader.problem("at least one store must not be leaving", keys.stores)
            return
        }
        var options = VectorsOptions(layout: VectorLayout(routing: routing, stores: staying, spread: spread))
        options.metric = metric ?? options.metric
        options.callTimeout = timeout ?? options.callTimeout
        options.stateLifetime = lifetime ?? options.stateLifetime
        self.options = options
    }

    /// Nil, with a note of the problem, when it has no URL that can be used.
    private static func store(_ name: String, _ reader: SettingsReader) -> Store? {
        let keys = ConfigKeys.VectorStoreKeys.self
        let apiKey = reader.text(keys.apiKey)?.text
        let isLeaving = reader.flag(keys.leaving) ?? false
        guard let value = reader.text(keys.url) else {
            reader.problem("is missing, as in chroma://host:8000 or qdrant://host:6333", keys.url)
            return nil
        }
        do {
            return Store(name: name, url: try VectorStoreURL(value.text), apiKey: apiKey, isLeaving: isLeaving)
        } catch {
            reader.problem(error.description, keys.url, at: value)
            return nil
        }
    }
}

extension WorkerConfiguration {
    /// The vectors of `vectors:`, with the state of their layout in the Redis of `state:`, else of the results; throws
    /// one line for a person when no store is named. Without any Redis the layout of the settings is in force, and
    /// nothing can be moved.
    func vectors(logger: Logger) throws -> Vectors {
        let settings = section(VectorSettings.self)
        guard let options = settings.options else {
            throw VectorError(.layout, "no store is named under vectors.stores in \(file ?? "queues.yaml")")
        }
        let redis = section(StateSettings.self).url ?? resultBackend.url
        return Vectors(
            settings.stores.map {
                VectorStoreFactory.store(
                    name: $0.name,
                    url: $0.url,
                    key: $0.apiKey,
                    timeout: options.callTimeout
                )
            },
            options: options,
            coordination: redis.map { RedisVectorCoordination(client: RedisClient(url: $0)) },
            logger: logger
        )
    }
}
