/// One queue of queues.yaml, with everything it inherits filled in.
public struct QueueSettings: Sendable, Hashable {
    /// The kind of queue that is declared; clients must declare the same.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case classic
        case quorum
    }

    /// The kind of the queue's exchange.
    public enum ExchangeType: String, Sendable, Hashable, CaseIterable {
        case direct
        case topic
        case fanout
    }

    /// How the queue survives the loss of a broker node.
    public enum Replication: String, Sendable, Hashable, CaseIterable {
        case none
        /// Classic queues mirrored by an `ha-mode` policy; RabbitMQ up to 3.13.
        case mirrored
        /// A quorum queue; RabbitMQ from 3.8.
        case quorum
    }

    public var name: String
    /// Names and patterns of the tasks that go here, in the order of the file.
    public var routes: [GlobPattern] = []
    /// The key under which clients publish to the queue's exchange.
    public var routingKey: String
    /// 0 to 255; higher is served first.
    public var priority = 5
    /// Tasks of this queue that run at once.
    public var concurrency = 8
    /// Unacknowledged messages at the worker; 0 means no limit.
    public var prefetch = 64
    public var delivery = DeliveryMode.atLeastOnce
    /// Starts after which a message is dead-lettered.
    public var maxDeliveries = 5
    /// Whether a message goes back to the queue when the process that ran it died; nil: a task in the process pool does,
    /// a command does not. Celery's task_reject_on_worker_lost.
    public var rejectOnWorkerLost: Bool?
    public var softTimeLimit: Duration?
    public var timeLimit: Duration?
    public var retry = RetrySettings()
    /// Whether what can't be run goes to ``deadLetterQueue``.
    public var deadLetter = true
    public var kind = Kind.classic
    public var exchangeType = ExchangeType.direct
    /// `x-max-priority` of a classic queue.
    public var maxPriority: Int?
    public var replication = Replication.none
    /// By policy: when the broker dead-letters a message that waits.
    public var messageTTL: Duration?
    /// By policy: how many messages may wait.
    public var maxLength: Int?

    /// Which partition of a partitioned exchange the queue is; nil for an ordinary queue.
    public internal(set) var partition: Partition?

    /// One queue of several that share an exchange (``PartitionSettings``).
    public struct Partition: Sendable, Hashable {
        public var exchange: String
        public var number: Int
    }

    public init(name: String) {
        self.name = name
        routingKey = name
    }

    /// The exchange to which Celery publishes when a route names queue and routing key.
    public var exchange: String { partition?.exchange ?? name }
    /// Partitions of one exchange share theirs.
    public var deadLetterQueue: String { "\(exchange).dead" }
}
