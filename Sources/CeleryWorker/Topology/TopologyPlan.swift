import Connections

/// What the queues of a catalogue need on the broker: a pure value, in the order in which it is to be declared.
///
/// A queue `q` gets an exchange `q` (direct, durable), so that a Celery client that names queue and routing key in
/// `task_routes` reaches it, a durable queue `q` without any argument that a plain client would not send as well,
/// bindings by the routing key and by `q`, and a queue `q.dead`. All else is policy (DESIGN §6). The partitions of a
/// partitioned exchange have one exchange, one dead-letter queue and one policy together.
package struct TopologyPlan: Sendable, Hashable {
    package struct Exchange: Sendable, Hashable {
        package var name: String
        package var type = "direct"
    }

    package struct Queue: Sendable, Hashable {
        package var name: String
        package var arguments: [String: AMQPArgument] = [:]
        /// The queue whose dead letters it takes.
        package var deadLettersOf: String?
    }

    package struct Binding: Sendable, Hashable {
        package var queue: String
        package var exchange: String
        package var routingKey: String
    }

    package private(set) var exchanges: [Exchange] = []
    package private(set) var queues: [Queue] = []
    package private(set) var bindings: [Binding] = []
    /// To be set through the management API; named `chard-` and the queue.
    package private(set) var policies: [RabbitMQManagement.Policy] = []
    /// What this broker can't do, one line each.
    package private(set) var notes: [String] = []

    /// `version` nil: unknown, and nothing is planned that only newer brokers know.
    package init(queues settings: [QueueSettings], version: RabbitMQVersion? = nil) {
        for queue in settings {
            // Partitions share their exchange and its dead letters.
            let isFirst = !exchanges.contains { $0.name == queue.exchange }
            if isFirst { exchanges.append(Exchange(name: queue.exchange, type: queue.exchangeType.rawValue)) }
            if queue.deadLetter, isFirst {
                queues.append(
                    Queue(
                        name: queue.deadLetterQueue,
                        arguments: queue.deadLetterArguments,
                        deadLettersOf: queue.exchange
                    )
                )
            }
            queues.append(Queue(name: queue.name, arguments: queue.declarationArguments))
            var keys = [queue.routingKey]
            if queue.name != queue.routingKey { keys.append(queue.name) }
            bindings += keys.map { Binding(queue: queue.name, exchange: queue.exchange, routingKey: $0) }
            if isFirst { planPolicies(queue, version) }
        }
    }

    private mutating func planPolicies(_ queue: QueueSettings, _ version: RabbitMQVersion?) {
        var mirroring: [String: JSONValue] = [:]
        if queue.replication == .mirrored {
            if version?.hasMirroring ?? true {
                mirroring = ["ha-mode": .string("all"), "ha-sync-mode": .string("automatic")]
            } else {
                notes.append(
                    "queue \(queue.name): RabbitMQ \(version?.description ?? "4") has no mirrored queues; write "
                        + "replication: "
                        + "quorum, on a new queue"
                )
            }
        }
        let definition = Self.definition(of: queue, version).merging(mirroring) { a, _ in a }
        if !definition.isEmpty {
            let partitions = queue.partition.map { "^\(Self.escaped($0.exchange))\\.[0-9]+$" }
            policies.append(Self.policy(for: queue.exchange, definition, pattern: partitions))
        }
        if queue.deadLetter, !mirroring.isEmpty { policies.append(Self.policy(for: queue.deadLetterQueue, mirroring)) }
    }

    private static func definition(of queue: QueueSettings, _ version: RabbitMQVersion?) -> [String: JSONValue] {
        var definition: [String: JSONValue] = [:]
        if queue.deadLetter {
            definition["dead-letter-exchange"] = .string("")
            definition["dead-letter-routing-key"] = .string(queue.deadLetterQueue)
            if queue.kind == .quorum, queue.maxLength == nil, version?.hasSafeDeadLettering ?? false {
                // at-least-once asks for reject-publish, which does nothing to a queue without a length limit
                definition["dead-letter-strategy"] = .string("at-least-once")
                definition["overflow"] = .string("reject-publish")
            }
        }
        if queue.kind == .quorum { definition["delivery-limit"] = .integer(deliveryLimit(of: queue)) }
        if let ttl = queue.messageTTL { definition["message-ttl"] = .integer(Int(ttl / .milliseconds(1))) }
        if let length = queue.maxLength { definition["max-length"] = .integer(length) }
        if let timeout = consumerTimeout(of: queue), version?.hasConsumerTimeoutPolicy ?? false {
            definition["consumer-timeout"] = .integer(Int(timeout / .milliseconds(1)))
        }
        return definition
    }

    /// The broker's limit is the second net under `max_deliveries`, so it is wider: what a worker gives back when it
    /// stops counts for the broker, but is no failed start.
    static func deliveryLimit(of queue: QueueSettings) -> Int { max(20, queue.maxDeliveries * 4) }

    /// How long the last message of a full prefetch window may stay unacknowledged, when that is more than the 30
    /// minutes after which RabbitMQ closes the channel (`consumer_timeout`); nil when it is not, or when no time limit
    /// says.
    package static func consumerTimeout(of queue: QueueSettings) -> Duration? {
        guard let limit = queue.timeLimit ?? queue.softTimeLimit else { return nil }
        let rounds = queue.prefetch == 0 ? 1 : (queue.prefetch + queue.concurrency - 1) / max(1, queue.concurrency)
        let longest = limit * (max(1, rounds) + 1)
        return longest > defaultConsumerTimeout ? longest : nil
    }

    package static let defaultConsumerTimeout: Duration = .seconds(1800)
    package static let policyPrefix = "chard-"

    /// Its priority is below 0, RabbitMQ's default, so that it never displaces a policy of the operator's.
    private static func policy(
        for queue: String,
        _ definition: [String: JSONValue],
        pattern: String? = nil
    ) -> RabbitMQManagement.Policy {
        RabbitMQManagement.Policy(
            name: policyPrefix + queue,
            pattern: pattern ?? "^\(escaped(queue))$",
            priority: -1,
            appliesTo: "queues",
            definition: definition
        )
    }

    /// The name as a regular expression that matches nothing else.
    private static func escaped(_ name: String) -> String {
        var pattern = ""
        for character in name {
            if "\\^$.|?*+()[]{}-".contains(character) { pattern += "\\" }
            pattern.append(character)
        }
        return pattern
    }
}
