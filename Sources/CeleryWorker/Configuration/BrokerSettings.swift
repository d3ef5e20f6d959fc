public import Connections
import Foundation

/// Where RabbitMQ is and how to stay connected to it (`broker:` in queues.yaml).
public struct BrokerSettings: Sendable, Hashable {
    /// The order in which several URLs are tried.
    public enum Failover: String, Sendable, Hashable, CaseIterable {
        case roundRobin = "round_robin"
        case shuffle
    }

    /// At least one.
    public var urls: [BrokerURL] = [BrokerURL()]
    /// Seconds between AMQP heartbeats, 0 for none; a URL's own `heartbeat` wins.
    public var heartbeat = 30
    public var connectTimeout: Duration = .seconds(5)
    /// How long a publish waits for the broker's confirm.
    public var publishTimeout: Duration = .seconds(30)
    /// Whether senders tell monitors of each task that they send; Celery's task_send_sent_event.
    public var sendSentEvent = false
    public var failover = Failover.roundRobin
    /// For `amqps://` URLs that name no files themselves.
    public var tls = TLSSettings()

    public init() {}

    init(reading reader: SettingsReader) {
        let keys = ConfigKeys.Broker.self
        urls = Self.urls(reader) ?? urls
        heartbeat = reader.integer(keys.heartbeat, in: 0...3600) ?? heartbeat
        connectTimeout =
            reader.duration(keys.connectTimeout, in: .milliseconds(100) ... .seconds(600)) ?? connectTimeout
        publishTimeout =
            reader.duration(keys.publishTimeout, in: .milliseconds(100) ... .seconds(3600)) ?? publishTimeout
        sendSentEvent = reader.flag(keys.sendSentEvent) ?? sendSentEvent
        failover = reader.choice(keys.failover, of: Failover.self) ?? failover
        let section = reader.section(keys.tls, known: ConfigKeys.TLS.all)
        tls = TLSSettings(reading: section)
        if !section.names.isEmpty, !urls.contains(where: \.tls) {
            reader.context.warning("broker.tls is set, but no broker URL is amqps://")
        }
    }

    /// `url` from a layer above the file wins over `urls` in the file.
    private static func urls(_ reader: SettingsReader) -> [BrokerURL]? {
        let keys = ConfigKeys.Broker.self
        let single = reader.values(keys.url, separator: ";")
        let isFromFile = single?.first?.isFromFile ?? true
        let several = isFromFile ? reader.values(keys.urls) : nil
        if single != nil, several != nil {
            reader.problem("give either url or urls, not both", keys.urls)
        }
        let key = several == nil ? keys.url : keys.urls
        guard let values = several ?? single else { return nil }
        var urls: [BrokerURL] = []
        for value in values {
            do {
                urls += try BrokerURL.list(value.text)
            } catch {
                reader.problem(error.description, key, at: value)
            }
        }
        for url in urls where !url.ignoredParameters.isEmpty {
            reader.context.warning("\(url): ignored parameters: \(url.ignoredParameters.joined(separator: ", "))")
        }
        if values.isEmpty {
            reader.problem("must name at least one URL, e.g. amqp://guest:guest@localhost:5672//", key)
        }
        return urls.isEmpty ? nil : urls
    }
}

extension TLSSettings {
    init(reading reader: SettingsReader) {
        let keys = ConfigKeys.TLS.self
        let verifies = reader.flag(keys.verify) ?? true
        self.init(
            authorityPath: Self.file(reader, keys.authority),
            certificatePath: Self.file(reader, keys.certificate),
            keyPath: Self.file(reader, keys.key),
            verifiesPeer: verifies,
            verifiesHostname: reader.flag(keys.verifyHostname) ?? verifies
        )
        if reader.has(keys.certificate) != reader.has(keys.key) {
            let (given, missing) = reader.has(keys.key) ? (keys.key, keys.certificate) : (keys.certificate, keys.key)
            reader.problem("needs \(missing.name) as well", given)
        }
    }

    private static func file(_ reader: SettingsReader, _ key: ConfigKey) -> String? {
        guard let value = reader.text(key) else { return nil }
        guard FileManager.default.isReadableFile(atPath: value.text) else {
            reader.problem("no readable file \(value.quoted)", key, at: value)
            return nil
        }
        return value.text
    }
}
