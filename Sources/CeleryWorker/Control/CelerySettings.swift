import CeleryProtocol
import Connections
import OrderedCollections

/// A worker's configuration under the names of Celery's settings (`celery/app/defaults.py`).
enum CelerySettings {
    static func map(_ configuration: WorkerConfiguration) -> CeleryMap {
        var settings = general(configuration)
        settings.merge(broker(configuration.broker)) { $1 }
        settings.merge(results(configuration.resultBackend)) { $1 }
        settings.merge(tasks(configuration)) { $1 }
        settings.merge(worker(configuration)) { $1 }
        settings["deprecated_settings"] = .null
        return settings
    }

    private static let mask = "********"
    /// `celery/app/utils.py`, `HIDDEN_SETTINGS`.
    private static let hidden = [
        "API", "TOKEN", "KEY", "SECRET", "PASS", "PROFANITIES_LIST", "SIGNATURE", "DATABASE", "BEAT_DBURI",
    ]

    /// With stars for the value of each setting whose name speaks of a secret, in maps inside too.
    static func masked(_ settings: CeleryMap) -> CeleryMap {
        var masked = settings
        for (key, value) in settings {
            let name = key.uppercased()
            if case .map(let inner) = value {
                masked[key] = .map(Self.masked(inner))
            } else if hidden.contains(where: name.contains) {
                masked[key] = .string(mask)
            }
        }
        return masked
    }

    /// A URL as `description` shows it, with as many stars as Celery prints.
    static func maskedURL(_ url: some CustomStringConvertible) -> String {
        url.description.replacing(":**@", with: ":\(mask)@")
    }

    private static func general(_ configuration: WorkerConfiguration) -> CeleryMap {
        [
            "accept_content": .array(configuration.worker.acceptContent.map { .string($0) }),
            "enable_utc": true,
            "timezone": "UTC",
            "include": [],
        ]
    }

    private static func broker(_ broker: BrokerSettings) -> CeleryMap {
        [
            "broker_url": .string(broker.urls.map(maskedURL).joined(separator: ";")),
            "broker_heartbeat": .int(broker.heartbeat),
            "broker_connection_timeout": .double(broker.connectTimeout.secondsValue),
            "broker_connection_retry_on_startup": true,
            "broker_connection_max_retries": .null,
            "broker_failover_strategy": broker.failover == .shuffle ? "shuffle" : "round-robin",
            "broker_use_ssl": .bool(broker.urls.contains(where: \.tls)),
        ]
    }

    private static func results(_ backend: ResultBackendSettings) -> CeleryMap {
        var options: CeleryMap = [:]
        if !backend.keyPrefix.isEmpty { options["global_keyprefix"] = .string(backend.keyPrefix) }
        return [
            "result_backend": backend.url.map { .string(maskedURL($0)) } ?? .null,
            "result_expires": backend.expires.map { .double($0.secondsValue) } ?? .null,
            "result_extended": .bool(backend.extended),
            "result_serializer": "json",
            "result_backend_transport_options": .map(options),
            "redis_socket_timeout": .double(backend.timeout.secondsValue),
        ]
    }

    private static func tasks(_ configuration: WorkerConfiguration) -> CeleryMap {
        let queue = configuration.catalogue.defaultQueue
        let routes = configuration.catalogue.queues.flatMap { queue in
            queue.routes.map { (String(describing: $0), CeleryValue.map(["queue": .string(queue.name)])) }
        }
        return [
            "task_default_queue": .string(queue.name),
            "task_default_queue_type": .string(queue.kind.rawValue),
            "task_queues": .array(configuration.catalogue.queues.map { .string($0.name) }),
            "task_routes": .map(CeleryMap(routes, uniquingKeysWith: { first, _ in first })),
            "task_create_missing_queues": .bool(configuration.worker.createMissingQueues),
            "task_queue_max_priority": queue.maxPriority.map { .int($0) } ?? .null,
            "task_acks_late": .bool(queue.delivery == .atLeastOnce),
            "task_reject_on_worker_lost": .bool(queue.delivery == .atLeastOnce),
            "task_soft_time_limit": queue.softTimeLimit.map { .double($0.secondsValue) } ?? .null,
            "task_time_limit": queue.timeLimit.map { .double($0.secondsValue) } ?? .null,
            "task_track_started": .bool(configuration.worker.trackStarted),
            "task_serializer": "json",
            "task_protocol": 2,
        ]
    }

    private static func worker(_ configuration: WorkerConfiguration) -> CeleryMap {
        let worker = configuration.worker
        return [
            "worker_concurrency": worker.concurrency.map { .int($0) } ?? .null,
            "worker_prefetch_multiplier": worker.prefetchMultiplier.map { .int($0) } ?? .null,
            "worker_send_task_events": .bool(worker.taskEvents),
            "worker_deduplicate_successful_tasks": true,
            "worker_enable_remote_control": true,
            "worker_hijack_root_logger": false,
            "worker_log_color": false,
            "worker_pool": "threads",
            "worker_pool_restarts": false,
        ]
    }
}
