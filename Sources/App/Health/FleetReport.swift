import CeleryWorker

/// The answer of `system.health.fleet`.
struct FleetReport: Codable, Sendable {
    /// Whether nobody is missing.
    var ok: Bool
    /// The node name of the worker that asked.
    var worker: String
    /// How long the questions took in all.
    var tookMilliseconds: Double
    /// Who has answered, by node name.
    var workers: NamedValues<Member>
    /// Who has not, though expected.
    var missing: [Absence]

    private enum CodingKeys: String, CodingKey {
        case ok, worker, workers, missing
        case tookMilliseconds = "took_ms"
    }

    /// What one worker has answered; null where it did not in time.
    struct Member: Codable, Sendable {
        /// How long its answer to a ping took, the way through the broker included.
        var latencyMilliseconds: Double?
        var queues: [String]?
        /// Tasks that run.
        var running: Int?
        /// Tasks that may run at once.
        var concurrency: Int?
        /// Runs that have begun since the worker started.
        var total: Int?
        var pid: Int?
        var uptimeSeconds: Int?

        private enum CodingKeys: String, CodingKey {
            case queues, running, concurrency, total, pid
            case latencyMilliseconds = "latency_ms"
            case uptimeSeconds = "uptime_seconds"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(latencyMilliseconds, forKey: .latencyMilliseconds)
            try container.encode(queues, forKey: .queues)
            try container.encode(running, forKey: .running)
            try container.encode(concurrency, forKey: .concurrency)
            try container.encode(total, forKey: .total)
            try container.encode(pid, forKey: .pid)
            try container.encode(uptimeSeconds, forKey: .uptimeSeconds)
        }
    }

    /// A worker that should have answered.
    struct Absence: Codable, Sendable {
        var node: String
        /// Why it is missed.
        var reason: String
        /// How long ago its last heartbeat was heard; null for never.
        var lastHeardSeconds: Double?

        private enum CodingKeys: String, CodingKey {
            case node, reason
            case lastHeardSeconds = "last_heard_seconds"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(node, forKey: .node)
            try container.encode(reason, forKey: .reason)
            try container.encode(lastHeardSeconds, forKey: .lastHeardSeconds)
        }
    }
}
