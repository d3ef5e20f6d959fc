/// What queues.yaml says about a task, or about all tasks of a pattern; nil where it is silent.
///
/// It wins over the options in the task's type, and loses to a control command and to the options of one send.
public struct TaskSettings: Sendable, Hashable {
    public var pattern: GlobPattern
    /// Wins over every route.
    public var queue: String?
    public var rateLimit: OptionalSetting<RateLimit>?
    public var rateLimitScope: RateLimitScope?
    public var softTimeLimit: OptionalSetting<Duration>?
    public var timeLimit: OptionalSetting<Duration>?
    public var delivery: DeliveryMode?
    public var maxDeliveries: Int?
    public var retry = RetrySettings.Overrides()
    public var ignoreResult: Bool?
    /// Whether the task blocks its thread for long.
    public var blocking: Bool?
    public var pool: TaskPool?
    /// Whether the message goes back to its queue when the process that ran it died.
    public var rejectOnWorkerLost: Bool?
    /// Whether a lease in Redis takes the place of the unacknowledged message.
    public var leased: Bool?
    /// The command or the HTTP endpoint that the task is.
    public var external: ExternalTaskSettings?

    public init(_ pattern: String) {
        self.pattern = GlobPattern(pattern)
    }

    init(_ pattern: String, reading reader: SettingsReader) {
        let keys = ConfigKeys.Task.self
        let shared = ConfigKeys.Queue.self
        self.init(pattern)
        queue = reader.text(keys.queue)?.text
        rateLimit = Self.rateLimit(reader)
        rateLimitScope = reader.choice(keys.rateLimitScope, of: RateLimitScope.self)
        softTimeLimit = reader.optionalDuration(shared.softTimeLimit, in: .timeLimits)
        timeLimit = reader.optionalDuration(shared.timeLimit, in: .timeLimits)
        if let soft = softTimeLimit?.value, let hard = timeLimit?.value, soft >= hard {
            reader.problem("must be longer than soft_time_limit, \(soft.settingText)", shared.timeLimit)
        }
        delivery = reader.choice(shared.delivery, of: DeliveryMode.self)
        maxDeliveries = reader.integer(shared.maxDeliveries, in: 1...1000)
        retry = RetrySettings.Overrides(reading: reader.section(shared.retry, known: ConfigKeys.Retry.all))
        ignoreResult = reader.flag(keys.ignoreResult)
        blocking = reader.flag(keys.blocking)
        pool = reader.choice(keys.pool, of: TaskPool.self)
        rejectOnWorkerLost = reader.flag(shared.rejectOnWorkerLost)
        leased = reader.flag(keys.leased)
        if leased == true {
            if pool == .processes { reader.problem("does not go with `pool: processes`; drop one", keys.leased) }
            if delivery == .atMostOnce {
                reader.problem("does not go with `delivery: at_most_once`; drop one", keys.leased)
            }
        }
        external = ExternalTaskSettings(reading: reader, task: self)
    }

    private static func rateLimit(_ reader: SettingsReader) -> OptionalSetting<RateLimit>? {
        let key = ConfigKeys.Task.rateLimit
        guard let value = reader.value(key) else { return nil }
        guard !value.isNone, value.text != "0" else { return .off }
        guard let limit = RateLimit(value.text) else {
            reader.problem("must be a rate such as 10/s, 100/m or 1000/h, or none, not \(value.quoted)", key, at: value)
            return nil
        }
        return .on(limit)
    }
}
