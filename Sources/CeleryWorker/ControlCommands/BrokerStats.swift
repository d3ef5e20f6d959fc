import CeleryProtocol
import Connections
import OrderedCollections

/// The broker's part of `stats`: kombu's connection information, without the password
/// (`celery/worker/consumer/connection.py`).
enum BrokerStats {
    static func value(_ core: WorkerCore) -> CeleryMap {
        let settings = core.configuration.broker
        let url = core.controlState.broker ?? settings.urls.first ?? BrokerURL()
        let timeout = url.connectTimeout.map { Duration.seconds($0) } ?? settings.connectTimeout
        let seconds = timeout.secondsValue
        return [
            "hostname": .string(url.host),
            "userid": .string(url.user),
            "virtual_host": .string(url.virtualHost),
            "port": .int(url.port),
            "insist": false,
            "ssl": .bool(url.tls),
            "transport": "amqp",
            "connect_timeout": seconds == seconds.rounded() ? .int(Int(seconds)) : .double(seconds),
            "transport_options": [:],
            "login_method": "PLAIN",
            "uri_prefix": nil,
            "heartbeat": .double(Double(url.heartbeat ?? settings.heartbeat)),
            "failover_strategy": settings.failover == .shuffle ? "shuffle" : "round-robin",
            "alternates": .array(settings.urls.filter { $0 != url }.map { .string($0.description) }),
            "credential_provider": nil,
        ]
    }
}
