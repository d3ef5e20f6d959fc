import Connections

/// What the broker says of itself, at a moment.
struct BrokerPicture: Sendable {
    /// Seconds since 1970; 0: never asked successfully.
    var time = 0.0
    /// Why the newest figures are missing, in words for a person.
    var problem: String?
    var version: String?
    var clusterName: String?
    var nodes: [RabbitMQManagement.Node] = []
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
}

/// A place where two sources disagree, or something is not as it should be; shown, and never resolved by guessing.
struct Finding: Sendable, Hashable {
    enum Severity: Int, Sendable, Comparable {
        case note, warning, critical

        static func < (one: Severity, other: Severity) -> Bool { one.rawValue < other.rawValue }
    }

    var severity: Severity
    /// One line: what is wrong.
    var text: String
    /// What to do.
    var advice: String
    /// Where to look, below the prefix.
    var link: String?
}
