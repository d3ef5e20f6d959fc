import CeleryWorker
import Connections
import TenantStore

/// Where the shared state is kept (`state:` in queues.yaml).
struct StateSettings: SettingsSection {
    static let key = ConfigKey("state", "Sessions, agents, models and metrics in Redis.", isScalar: false)
    static let known: [ConfigKey]? = ConfigKeys.State.all

    /// Nil: the Redis of the results, if there is one.
    var url: RedisURL?
    var options = StateOptions()

    init(reading reader: SettingsReader) {
        let keys = ConfigKeys.State.self
        url = Self.url(reader)
        if let ttl = reader.optionalDuration(keys.sessionTTL, in: .seconds(1) ... .seconds(315_360_000)) {
            options.sessionTTL = ttl.value
        }
        options.compressAbove = reader.size(keys.compressAbove, in: 0...(1 << 30)) ?? options.compressAbove
    }

    private static func url(_ reader: SettingsReader) -> RedisURL? {
        let key = ConfigKeys.State.url
        guard let value = reader.text(key) else { return nil }
        do {
            return try RedisURL(value.text)
        } catch {
            reader.problem(error.description, key, at: value)
            return nil
        }
    }
}

extension StateSettings {
    /// The state as these settings say; nil when neither they nor the result backend name a Redis.
    ///
    /// - Parameter node: What this process is called among those that count.
    static func store(_ configuration: WorkerConfiguration, node: String, logger: Logger) -> StateStore? {
        let settings = configuration.section(StateSettings.self)
        guard let url = settings.url ?? configuration.resultBackend.url else { return nil }
        return StateStore(url: url, options: settings.options, node: node, logger: logger)
    }
}
