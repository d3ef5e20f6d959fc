import CeleryWorker
import Connections
import Sharding
import TenantStore

/// Where tenants' rows live (`shards:` in queues.yaml).
struct ShardSettings: SettingsSection {
    static let key = ConfigKey("shards", "The PostgreSQL servers that hold tenants' rows.", isScalar: false)
    static let known: [ConfigKey]? = ConfigKeys.Shards.all

    /// Nil: no server is named.
    var layout: TenantLayout?

    init(reading reader: SettingsReader) {
        let keys = ConfigKeys.Shards.self
        let section = reader.section(keys.servers, known: nil)
        let servers = section.names.compactMap { name in
            Self.server(name, section.section(named: name, known: ConfigKeys.ShardServer.all))
        }
        let width = reader.integer(keys.width, in: 1...1_000_000_000)
        let ahead = reader.integer(keys.ahead, in: 0...100)
        let pool = reader.integer(keys.pool, in: 1...1_000)
        let patience = reader.duration(keys.patience, in: .zero ... .seconds(3_600))
        guard !servers.isEmpty else { return }
        do {
            var layout = try TenantLayout(servers: servers)
            layout.partitionWidth = width ?? layout.partitionWidth
            layout.partitionsAhead = ahead ?? layout.partitionsAhead
            layout.poolSize = pool ?? layout.poolSize
            layout.patience = patience ?? layout.patience
            self.layout = layout
        } catch {
            reader.problem(error.description, keys.servers)
        }
    }

    /// Nil, with a note of the problem, when it has no URL that can be used.
    private static func server(_ name: String, _ reader: SettingsReader) -> TenantLayout.Server? {
        let keys = ConfigKeys.ShardServer.self
        guard let value = reader.text(keys.url) else {
            reader.problem("is missing, as in postgres://user@host:5432/database", keys.url)
            return nil
        }
        let replicas = (reader.values(keys.replicas) ?? []).compactMap { url($0, keys.replicas, reader) }
        let tenants = (reader.values(keys.tenants) ?? []).flatMap { ranges($0, reader) }
        guard let url = url(value, keys.url, reader) else { return nil }
        return TenantLayout.Server(name: name, url: url, tenants: tenants, replicas: replicas)
    }

    private static func url(_ value: SettingsReader.Value, _ key: ConfigKey, _ reader: SettingsReader) -> PostgresURL? {
        do {
            return try PostgresURL(value.text)
        } catch {
            reader.problem(error.description, key, at: value)
            return nil
        }
    }

    private static func ranges(_ value: SettingsReader.Value, _ reader: SettingsReader) -> [TenantRange] {
        do {
            return try TenantRange.list(value.text)
        } catch {
            reader.problem(error.description, ConfigKeys.ShardServer.tenants, at: value)
            return []
        }
    }
}

extension WorkerConfiguration {
    /// The layout of `shards:`; throws one line for a person when there is none.
    func shardLayout() throws -> TenantLayout {
        guard let layout = section(ShardSettings.self).layout else {
            throw TenantError.conflict("no server is named under shards.servers in \(file ?? "queues.yaml")")
        }
        return layout
    }
}
