extension RabbitMQManagement {
    /// The broker as a whole.
    public struct Overview: Sendable, Hashable, Decodable {
        /// E.g. `3.13.7`.
        public var version: String
        public var erlangVersion: String?
        public var clusterName: String?
        /// The node that answered.
        public var node: String?
        public var objects: Objects?

        /// How many there are in the cluster.
        public struct Objects: Sendable, Hashable, Decodable {
            public var connections: Int?
            public var channels: Int?
            public var consumers: Int?
            public var queues: Int?
        }

        enum CodingKeys: String, CodingKey {
            case version = "rabbitmq_version"
            case objects = "object_totals"
            case erlangVersion = "erlang_version"
            case clusterName = "cluster_name"
            case node
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
}
