import CeleryWorker
import Connections

/// What the broker says of itself, at a moment.
struct BrokerPicture: Sendable {
    /// Seconds since 1970; 0: never asked successfully.
    var time = 0.0
    /// Why the newest figures are missing or few, in words for a person.
    var problem: String?
    /// What to do about it.
    var advice: String?
    /// Only depths and consumers of the configured queues are known, from AMQP.
    var isPartial = false
    var version: String?
    var erlangVersion: String?
    var clusterName: String?
    /// In the whole cluster.
    var connections: Int?
    var channels: Int?
    var nodes: [RabbitMQManagement.Node] = []
    /// Why they are not told, e.g. to a user without the tag `monitoring`.
    var nodesProblem: String?
    /// In force: memory, disk.
    var alarms: [String] = []
    var queues: [QueuePicture] = []
}

struct QueuePicture: Sendable, Hashable {
    var name: String
    /// classic, quorum or stream.
    var type: String
    /// running, idle, down, …
    var state: String?
    var ready = 0
    var unacknowledged = 0
    var consumers = 0
    /// Messages per second.
    var published = 0.0
    var delivered = 0.0
    var acknowledged = 0.0
    /// Seconds since 1970 at which the message at its head was published; nil: empty, or nobody told.
    var oldest: Double?
    /// `oldest` is the time of the oldest task that waits by the events, not a message's own.
    var oldestIsOfEvents = false
    var leader: String?
    /// Mirrors or quorum members, the leader among them; empty where there is one broker.
    var members: [String] = []
    /// Those that are in step.
    var synchronized: [String] = []
    var policy: String?
    /// Bytes of its messages, where told.
    var bytes: Int?
    /// Whether Chard's settings name it, so that it has a priority and routes.
    var isConfigured = false
    var priority: Int?
    /// An operator has taken its consumers away.
    var isPaused = false
    /// Another queue's settings send dead letters to it.
    var isDeadLetterTarget = false
    var isDurable = true
    var isExclusive = false
    var arguments: [Argument] = []
    /// What its policies set.
    var effectivePolicy: [Argument] = []

    struct Argument: Sendable, Hashable {
        var name: String
        var value: String
    }

    /// Whether it holds messages that could not be run.
    var isDeadLetters: Bool { isDeadLetterTarget || QueueNaming.isDeadLetter(name) }

    /// The queue that the broker sends its dead letters to, where that is told without looking at bindings.
    var deadLetterTarget: String? {
        func value(_ name: String) -> String? {
            (arguments.first { $0.name == "x-\(name)" } ?? effectivePolicy.first { $0.name == name })?.value
        }
        // Descriptions of values show the empty text in quotes.
        guard ["", "\"\""].contains(value("dead-letter-exchange")) else { return nil }
        return value("dead-letter-routing-key")
    }

    /// After how many failed deliveries the broker drops a message or dead-letters it; nil: never.
    func deliveryLimit(brokerVersion: RabbitMQVersion?) -> Int? {
        guard type == "quorum" else { return nil }
        let named = (effectivePolicy + arguments).filter { ["delivery-limit", "x-delivery-limit"].contains($0.name) }
        let limits = named.compactMap { Int($0.value) }
        if let limit = limits.filter({ $0 >= 0 }).min() { return limit }
        if !limits.isEmpty { return nil }
        // From 4.0 on it is 20 where nobody says otherwise (https://www.rabbitmq.com/docs/quorum-queues).
        return brokerVersion.map { $0 < RabbitMQVersion(4, 0) } == true ? nil : 20
    }
}

extension QueuePicture {
    init(_ queue: RabbitMQManagement.Queue) {
        name = queue.name
        type = queue.type ?? "classic"
        state = queue.state
        let unacknowledged = queue.messagesUnacknowledged ?? 0
        self.unacknowledged = unacknowledged
        ready = queue.messagesReady ?? max(0, (queue.messages ?? 0) &- unacknowledged)
        consumers = queue.consumers ?? 0
        published = queue.rates?.published ?? 0
        delivered = queue.rates?.delivered ?? 0
        acknowledged = queue.rates?.acknowledged ?? 0
        oldest = queue.headMessageTimestamp.map(Double.init)
        leader = queue.node
        members = queue.members
        synchronized = queue.synchronized
        policy = queue.policy
        bytes = queue.messageBytes
        arguments = queue.arguments.sorted { $0.key < $1.key }.map {
            Argument(name: $0.key, value: $0.value.description)
        }
        effectivePolicy = queue.effectivePolicy.sorted { $0.key < $1.key }
            .map { Argument(name: $0.key, value: $0.value.description) }
        isDurable = queue.durable
        isExclusive = queue.exclusive ?? false
    }

    init(_ status: AMQPQueueStatus) {
        name = status.name
        type = "classic"
        ready = status.messages
        consumers = status.consumers
    }
}

extension RabbitMQManagement.Node {
    /// The alarms that stop publishers.
    var alarmTexts: [String] {
        (memoryAlarm == true ? ["\(name) is short of memory"] : [])
            + (diskAlarm == true ? ["\(name) is short of disk space"] : [])
    }
}
