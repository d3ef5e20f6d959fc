extension RabbitMQManagement {
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
        /// Bytes of the bodies.
        public var messageBytes: Int?
        /// The property `timestamp` of the oldest message, seconds since 1970; classic queues, if its sender set one.
        public var headMessageTimestamp: Int?
        /// Messages per second, nil where the broker keeps no statistics.
        public var rates: Rates?
        /// Where the queue's process runs: the leader, or the mirrored queue's master.
        public var node: String?
        /// Where copies are, the leader's among them.
        public var members: [String]
        /// The members whose nodes run and that are in step.
        public var synchronized: [String]

        /// Messages per second.
        public struct Rates: Sendable, Hashable {
            public var published: Double
            /// With and without acknowledgement, redelivered ones among them.
            public var delivered: Double
            public var acknowledged: Double
        }

        enum CodingKeys: String, CodingKey {
            case name, type, durable, exclusive, arguments, policy, messages, consumers, state, node, leader, members,
                online
            case autoDelete = "auto_delete"
            case effectivePolicy = "effective_policy_definition"
            case messagesReady = "messages_ready"
            case messagesUnacknowledged = "messages_unacknowledged"
            case messageBytes = "message_bytes"
            case headMessageTimestamp = "head_message_timestamp"
            case statistics = "message_stats"
            case mirrors = "slave_nodes"
            case synchronizedMirrors = "synchronised_slave_nodes"
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
            members = []
            synchronized = []
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
            // What follows is for those who look; in a form that is not known it counts as missing.
            messageBytes = try? values.decodeIfPresent(Int.self, forKey: .messageBytes)
            headMessageTimestamp = try? values.decodeIfPresent(Int.self, forKey: .headMessageTimestamp)
            rates = (try? values.decodeIfPresent(Statistics.self, forKey: .statistics)).flatMap { $0 }.map(Rates.init)
            let home = try? values.decodeIfPresent(String.self, forKey: .node)
            node = (try? values.decodeIfPresent(String.self, forKey: .leader)) ?? home
            (members, synchronized) = Self.copies(values, on: node)
        }

        /// Of quorum queues `members` and `online`, of mirrored classic ones (up to 3.13) the mirrors; else none.
        private static func copies(
            _ values: KeyedDecodingContainer<CodingKeys>,
            on node: String?
        ) -> (members: [String], synchronized: [String]) {
            func names(_ key: CodingKeys) -> [String]? {
                (try? values.decodeIfPresent([String].self, forKey: key)).flatMap { $0 }
            }
            if let members = names(.members), !members.isEmpty { return (members, names(.online) ?? []) }
            guard let mirrors = names(.mirrors), !mirrors.isEmpty else { return ([], []) }
            let first = [node].compactMap { $0 }
            return (first + mirrors, first + (names(.synchronizedMirrors) ?? []))
        }
    }
}

/// `message_stats`; every figure is left out until there was one.
private struct Statistics: Decodable {
    struct Details: Decodable {
        var rate: Double?
    }

    var published: Details?
    var delivered: Details?
    var acknowledged: Details?

    enum CodingKeys: String, CodingKey {
        case published = "publish_details"
        case delivered = "deliver_get_details"
        case acknowledged = "ack_details"
    }
}

extension RabbitMQManagement.Queue.Rates {
    fileprivate init(_ statistics: Statistics) {
        self.init(
            published: statistics.published?.rate ?? 0,
            delivered: statistics.delivered?.rate ?? 0,
            acknowledged: statistics.acknowledged?.rate ?? 0
        )
    }
}

extension KeyedDecodingContainer {
    /// A table of arguments; an empty one is `[]` in some versions of RabbitMQ.
    fileprivate func table(_ key: Key) -> [String: JSONValue] {
        (try? decodeIfPresent([String: JSONValue].self, forKey: key)) ?? [:]
    }
}
