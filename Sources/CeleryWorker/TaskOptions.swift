/// How a task is routed, acknowledged, limited and retried.
///
/// Nil means: as the next layer says. The layers are this type, then `queues.yaml`, then the sender.
public struct TaskOptions: Sendable {
    /// The queue it is sent to when the sender names none.
    public var queue: String?
    /// When its message is acknowledged.
    public var delivery: DeliveryMode?
    /// A running task is cancelled after this time, and fails with `SoftTimeLimitExceeded` unless it returns a value.
    public var softTimeLimit: Duration?
    /// The task is settled as `TimeLimitExceeded` after this time, whether it has ended or not.
    public var hardTimeLimit: Duration?
    public var retry: RetryPolicy?
    /// How many may start in a span of time, e.g. `"10/s"`.
    public var rateLimit: RateLimit?
    /// Whose starts the limit counts; each worker's by itself when nil.
    public var rateLimitScope: RateLimitScope?
    /// Whether nothing is stored for it.
    public var ignoreResult: Bool?
    /// Whether its body blocks its thread (a C call, file access, a long computation). Others then never wait for it.
    public var blocks: Bool
    /// Where its body runs; nil: on the worker's threads.
    public var pool: TaskPool?
    /// Whether the message goes back to its queue when the process that ran it died; nil: as the queue says.
    public var rejectOnWorkerLost: Bool?
    /// Whether its message does not stay unacknowledged while it runs, but is kept in Redis under a lease that the
    /// worker renews: for tasks of hours, which RabbitMQ's `consumer_timeout` (30 minutes) would cut. Needs Redis.
    public var leased: Bool

    public init(
        queue: String? = nil,
        delivery: DeliveryMode? = nil,
        rateLimit: RateLimit? = nil,
        rateLimitScope: RateLimitScope? = nil,
        softTimeLimit: Duration? = nil,
        hardTimeLimit: Duration? = nil,
        retry: RetryPolicy? = nil,
        ignoreResult: Bool? = nil,
        blocks: Bool = false,
        pool: TaskPool? = nil,
        rejectOnWorkerLost: Bool? = nil,
        leased: Bool = false
    ) {
        self.queue = queue
        self.delivery = delivery
        self.rateLimit = rateLimit
        self.rateLimitScope = rateLimitScope
        self.softTimeLimit = softTimeLimit
        self.hardTimeLimit = hardTimeLimit
        self.retry = retry
        self.ignoreResult = ignoreResult
        self.blocks = blocks
        self.pool = pool
        self.rejectOnWorkerLost = rejectOnWorkerLost
        self.leased = leased
    }
}
