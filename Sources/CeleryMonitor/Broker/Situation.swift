import CeleryWorker

/// What the four sources say at one moment, and what they said a while before: everything that `FindingRules` look at.
struct Situation: Sendable {
    /// Seconds since 1970.
    var now: Double
    var broker = BrokerPicture()
    var workers: [WorkerStatus] = []
    var reports: [String: WorkerReport] = [:]
    /// When all workers were last asked; 0: never.
    var surveyed = 0.0
    var paused: [String: PausedQueue] = [:]
    /// Messages in queues of dead letters about ten minutes ago.
    var deadBefore: [String: Int] = [:]
    /// What heartbeats and events counted about half a minute ago, by worker.
    var before: [String: Progress] = [:]
    /// When nobody listened to events in the last hour.
    var gaps: [ListeningGap] = []
    /// Tasks that have an end in the result store, and none in the events.
    var endedSilently: [Disagreement] = []

    /// How much a worker did, by its own word and by its events.
    struct Progress: Sendable, Hashable {
        var processed: Int
        var events: Int
    }

    struct Disagreement: Sendable, Hashable {
        var id: String
        var state: String
        var stored: String
    }
}

extension WorkerStatus {
    /// Task events of it that were heard of.
    var taskEvents: Int {
        [
            counts.received, counts.started, counts.succeeded, counts.failed, counts.retried, counts.revoked,
            counts.rejected,
        ].reduce(0, &+)
    }
}
