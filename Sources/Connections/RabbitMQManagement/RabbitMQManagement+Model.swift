extension RabbitMQManagement {
    /// The broker as a whole.
    public struct Overview: Sendable, Hashable, Decodable {
        /// E.g. `3.13.7`.
        public var version: String
        public var erlangVersion: String?
        public var clusterName: String?
        /// The node that answered.
        public var node: String?

        enum CodingKeys: String, CodingKey {
            case version = "rabbitmq_version"
            case erlangVersion = "erlang_version"
            case clusterName = "cluster_name"
            case node
        }
    }

    public struct Queue: Sendable, Hashable, Decodable {
        public var name: String
        /// `classic`, `quorum` or `stream`; nil before RabbitMQ 3.8.
        public var type: String?
        public var durable: Bool
        public var autoDelete: Bool
        public var exclusive: Bool?
        public var arguments: [String: JSONValue]
        /// The name of the policy that applies to it.
        public var policy: String?
        public var effectivePolicy: [String: JSONValue]
        /// nil right after the queue was made, when the broker has not counted yet.
        public var messages: Int?
        public var messagesReady: Int?
        public var messagesUnacknowledged: Int?
        public var consumers: Int?
        /// `running`, `idle`, `down`, `minority`, …
        public var state: String?

        enum CodingKeys: String, CodingKey {
            case name, type, durable, exclusive, arguments, policy, messages, consumers, state
            case autoDelete = "auto_delete"
            case effectivePolicy = "effective_policy_definition"
            case messagesReady = "messages_ready"
            case messagesUnacknowledged = "messages_unacknowledged"
        }

        public init(
            name: String,
            type: String? = "classic",
            durable: Bool = true,
            autoDelete: Bool = false,
            exclusive: Bool = false,
            arguments: [String: JSONValue] = [:],
            policy: String? = nil,
            effectivePolicy: [String: JSONValue] = [:],
            messages: Int? = 0,
            consumers: Int? = 0
        ) {
            self.name = name
            self.type = type
            self.durable = durable
            self.autoDelete = autoDelete
            self.exclusive = exclusive
            self.arguments = arguments
            self.policy = policy
            self.effectivePolicy = effectivePolicy
            self.messages = messages
            self.consumers = consumers
        }

        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            name = try values.decode(String.self, forKey: .name)
            type = try values.decodeIfPresent(String.self, forKey: .type)
            durable = try values.decodeIfPresent(Bool.self, forKey: .durable) ?? true
            autoDelete = try values.decodeIfPresent(Bool.self, forKey: .autoDelete) ?? false
            exclusive = try values.decodeIfPresent(Bool.self, forKey: .exclusive)
            arguments = values.table(.arguments)
            policy = try values.decodeIfPresent(String.self, forKey: .policy)
            effectivePolicy = values.table(.effectivePolicy)
            messages = try values.decodeIfPresent(Int.self, forKey: .messages)
            messagesReady = try values.decodeIfPresent(Int.self, forKey: .messagesReady)
            messagesUnacknowledged = try values.decodeIfPresent(Int.self, forKey: .messagesUnacknowledged)
            consumers = try values.decodeIfPresent(Int.self, forKey: .consumers)
            state = try values.decodeIfPresent(String.self, forKey: .state)
        }
    }

    public struct Exchange: Sendable, Hashable, Decodable {
        public var name: String
        public var type: String
        public var durable: Bool

        public init(name: String, type: String = "direct", durable: Bool = true) {
            self.name = name
            self.type = type
            self.durable = durable
        }
    }

    public struct Binding: Sendable, Hashable, Decodable {
        /// The exchange; empty for the default exchange.
        public var source: String
        public var destination: String
        /// `queue` or `exchange`.
        public var destinationType: String
        public var routingKey: String

        enum CodingKeys: String, CodingKey {
            case source, destination
            case destinationType = "destination_type"
            case routingKey = "routing_key"
        }

        public init(source: String, destination: String, destinationType: String = "queue", routingKey: String) {
            self.source = source
            self.destination = destination
            self.destinationType = destinationType
            self.routingKey = routingKey
        }
    }

    public struct Policy: Sendable, Hashable, Codable {
        public var name: String
        /// A regular expression over names.
        public var pattern: String
        /// Of several that match, the one with the highest priority applies, alone.
        public var priority: Int
        /// `queues`, `exchanges`, `all`, …
        public var appliesTo: String
        public var definition: [String: JSONValue]

        enum CodingKeys: String, CodingKey {
            case name, pattern, priority, definition
            case appliesTo = "apply-to"
        }

        public init(
            name: String,
            pattern: String,
            priority: Int = 0,
            appliesTo: String = "queues",
            definition: [String: JSONValue]
        ) {
            self.name = name
            self.pattern = pattern
            self.priority = priority
            self.appliesTo = appliesTo
            self.definition = definition
        }
    }

    public struct Node: Sendable, Hashable, Decodable {
        public var name: String
        public var running: Bool
        public var memoryAlarm: Bool?
        public var diskAlarm: Bool?
        public var memoryUsed: Int?
        public var memoryLimit: Int?
        public var diskFree: Int?
        public var diskFreeLimit: Int?
        /// Nodes that this one lost sight of.
        public var partitions: [String]?

        enum CodingKeys: String, CodingKey {
            case name, running, partitions
            case memoryAlarm = "mem_alarm"
            case diskAlarm = "disk_free_alarm"
            case memoryUsed = "mem_used"
            case memoryLimit = "mem_limit"
            case diskFree = "disk_free"
            case diskFreeLimit = "disk_free_limit"
        }
    }
}

extension KeyedDecodingContainer {
    /// A table of arguments; an empty one is `[]` in some versions of RabbitMQ.
    fileprivate func table(_ key: Key) -> [String: JSONValue] {
        (try? decodeIfPresent([String: JSONValue].self, forKey: key)) ?? [:]
    }
}
