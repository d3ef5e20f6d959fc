public import CeleryProtocol
public import OrderedCollections

/// What a sender may say about one message; the parameters of Celery's `apply_async`.
public struct SendOptions: Sendable {
    /// The id; a new UUID when nil.
    public var id: String?
    /// The queue; as the task's options and the routes say when nil.
    public var queue: String?
    /// Whose task it is: it goes to the partition of that agent (``PartitionSettings``), after those sent before it,
    /// whatever `queue` and the routes say. It travels in the header that `partitions.agent` names.
    public var agentID: String?
    /// Not before that much time has passed.
    public var countdown: Duration?
    /// Not before this time; wins over `countdown`.
    public var eta: Timestamp?
    /// The task is revoked instead of run when it has waited longer.
    public var expires: Duration?
    /// 0 to 255, higher first; needs a queue with `max_priority`.
    public var priority: UInt8 = 0
    public var softTimeLimit: Duration?
    public var hardTimeLimit: Duration?
    public var ignoreResult: Bool?
    /// Custom headers; the task sees them in its message.
    public var headers: CeleryMap = [:]
    /// `.json`, `.msgpack` or `.yaml`.
    public var serializer = ContentType.json
    public var shadow: String?
    /// How long to wait for the broker's confirm; the configured time when nil.
    public var confirmTimeout: Duration?
    var rootID: String?
    var parentID: String?

    public init(queue: String? = nil, countdown: Duration? = nil, expires: Duration? = nil, priority: UInt8 = 0) {
        self.queue = queue
        self.countdown = countdown
        self.expires = expires
        self.priority = priority
    }

    /// For a task of an agent, which keeps its order among the agent's others.
    public init(agent: String) { agentID = agent }

    func asChild(of message: TaskMessage) -> SendOptions {
        var options = self
        options.rootID = message.rootID ?? message.id
        options.parentID = message.id
        return options
    }
}
