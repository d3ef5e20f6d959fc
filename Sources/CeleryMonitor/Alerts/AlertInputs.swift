import CeleryProtocol

/// All that rules look at, gathered at one moment.
struct AlertInputs: Sendable {
    /// Seconds since 1970.
    var now: Double
    var broker = BrokerPicture()
    var workers: [WorkerStatus] = []
    var reports: [String: WorkerReport] = [:]
    /// Of the last minute, or of the error rate's time when that is shorter; nil: the history did not answer.
    var recent: TaskCounts?
    /// Samples of the dead-letter queues, oldest first; nil: the history did not answer.
    var deadLetters: [String: [QueueSample]]?
    /// How old the message at a queue's head is at least, seconds, where the broker does not tell: see `QueueAges`.
    var ages: [String: Double] = [:]
    /// What the schedule's entries should have done; nil: nobody could tell.
    var schedule: [ScheduledRun]?
    /// Replicas of the result backend's Redis; nil: it did not answer, or there is none.
    var replicas: [RedisReplica]?
    /// What inference caches were asked and answered since the rule's time began; nil: nobody counts.
    var cache: CacheCounts?

    struct TaskCounts: Sendable, Hashable {
        var succeeded = 0
        var failed = 0
    }

    struct ScheduledRun: Sendable, Hashable {
        var name: String
        /// Seconds since 1970.
        var next: Double?
        var hasRun: Bool
    }

    struct RedisReplica: Sendable, Hashable {
        /// `10.0.0.7:6379`.
        var address: String
        /// Seconds since it was last heard of by its master.
        var lag: Double
        /// It was there, and is no more.
        var isGone = false
    }

    struct CacheCounts: Sendable, Hashable {
        var requests: Int
        var hits: Int
    }

    /// Whether the broker's figures are there and of now.
    var hasBroker: Bool { broker.time > 0 && broker.problem == nil }

    /// The queues in which tasks wait for workers: without dead letters, delays, control and replies.
    var taskQueues: [QueuePicture] {
        broker.queues.filter { !QueueNaming.isInternal($0.name) && !QueueNaming.isDeadLetter($0.name) }
    }
}
