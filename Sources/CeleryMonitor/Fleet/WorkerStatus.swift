import CeleryProtocol

/// A worker as its events and its own word show it.
struct WorkerStatus: Sendable, Hashable {
    /// `celery@host`.
    var name: String
    /// It was heard of within its heartbeats' limit (`celery/events/state.py`: twice the interval), and did not say goodbye.
    var isAlive: Bool
    /// It said goodbye.
    var isOffline: Bool
    /// Seconds since 1970, on this machine's clock.
    var lastHeard: Double
    /// How far its clock is ahead of ours, seconds.
    var drift: Double
    /// Seconds between heartbeats.
    var frequency: Double
    var pid: Int?
    /// `py-celery 5.7.0 Linux`, `chard …`.
    var software: String?
    /// Running tasks, by its last heartbeat.
    var active: Int?
    /// Since it began, by its last heartbeat.
    var processed: Int?
    var load: [Double]
    /// What this monitor has heard of, since the history begins.
    var counts = EventCounts()
}

/// How many events of a kind, since the history begins.
struct EventCounts: Sendable, Hashable {
    var received = 0
    var started = 0
    var succeeded = 0
    var failed = 0
    var retried = 0
    var revoked = 0
    var rejected = 0
}

/// What a worker says when it is asked (`inspect`).
struct WorkerReport: Sendable {
    /// Seconds since 1970.
    var asked: Double
    /// Each nil when there was no answer in time.
    var stats: CeleryMap?
    var activeQueues: [CeleryValue]?
    var registered: [CeleryValue]?
    var scheduled: [CeleryValue]?
    var active: [CeleryValue]?
    var reserved: [CeleryValue]?
    var revoked: [CeleryValue]?
    var configuration: CeleryMap?
}
