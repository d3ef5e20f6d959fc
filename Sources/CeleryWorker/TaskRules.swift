import CeleryProtocol

/// What holds for a task in one queue, after all layers have spoken.
///
/// The task's own options are the ground where they say something; `queues.yaml` stands above them, the queue's time
/// limits first and then `tasks:`. Where a task says nothing, the queue's settings hold.
struct TaskRules: Sendable {
    var delivery: DeliveryMode
    var maxDeliveries: Int
    var softTimeLimit: Duration?
    var hardTimeLimit: Duration?
    var retry: RetryPolicy
    var ignoreResult: Bool
    var blocks: Bool
    var pool = TaskPool.threads
    /// Whether the message goes back when the process that ran it died; nil where nobody says.
    var rejectOnWorkerLost: Bool?
    /// Whether a lease takes the place of the unacknowledged message.
    var isLeased = false
    var rateLimit: RateLimit?
    var rateLimitScope = RateLimitScope.worker

    init(queue: QueueSettings) {
        delivery = queue.delivery
        maxDeliveries = queue.maxDeliveries
        softTimeLimit = queue.softTimeLimit
        hardTimeLimit = queue.timeLimit
        retry = RetryPolicy(queue.retry)
        ignoreResult = false
        blocks = false
        rejectOnWorkerLost = queue.rejectOnWorkerLost
    }

    init(queue: QueueSettings, task: TaskOptions, settings: TaskSettings?) {
        self.init(queue: queue)
        delivery = settings?.delivery ?? task.delivery ?? delivery
        maxDeliveries = settings?.maxDeliveries ?? maxDeliveries
        softTimeLimit = softTimeLimit ?? task.softTimeLimit
        hardTimeLimit = hardTimeLimit ?? task.hardTimeLimit
        if let limit = settings?.softTimeLimit { softTimeLimit = limit.value }
        if let limit = settings?.timeLimit { hardTimeLimit = limit.value }
        if let policy = task.retry { retry = policy }
        if let overrides = settings?.retry { retry.apply(overrides) }
        ignoreResult = settings?.ignoreResult ?? task.ignoreResult ?? false
        blocks = settings?.blocking ?? task.blocks
        pool = settings?.pool ?? task.pool ?? .threads
        rejectOnWorkerLost = settings?.rejectOnWorkerLost ?? task.rejectOnWorkerLost ?? rejectOnWorkerLost
        // The process pool's children know nothing of leases, and one that lapses would end a partition's order.
        isLeased = (settings?.leased ?? task.leased) && pool == .threads && queue.partition == nil
        if isLeased { delivery = .atLeastOnce }
        rateLimit = settings?.rateLimit.map(\.value) ?? task.rateLimit
        rateLimitScope = settings?.rateLimitScope ?? task.rateLimitScope ?? rateLimitScope
    }
}

extension RetryPolicy {
    init(_ settings: RetrySettings) {
        self = .onRequest
        maxRetries = settings.maxRetries
        backoff = Backoff(delays: settings.backoff, jitter: settings.jitter)
    }

    mutating func apply(_ overrides: RetrySettings.Overrides) {
        if let limit = overrides.maxRetries { maxRetries = limit.value }
        if let delays = overrides.backoff { backoff.delays = delays }
        if let jitter = overrides.jitter { backoff.jitter = jitter }
    }
}

/// A task as one queue's lane finds it by its name.
///
/// A class, because every delivery takes it along: one reference to count instead of those of all its rules.
final class KnownTask: Sendable {
    let task: RegisteredTask
    let rules: TaskRules

    init(task: RegisteredTask, rules: TaskRules) {
        self.task = task
        self.rules = rules
    }
}
