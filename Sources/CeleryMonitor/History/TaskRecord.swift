import CeleryProtocol

/// A task as the events tell it: the fields of Flower's and Celery's `Task` (`celery/events/state.py`).
///
/// Times are seconds since 1970, UTC. Texts are Python's reprs, as the workers send them, cut at
/// `MonitorSettings.maxText` bytes.
struct TaskRecord: Sendable, Hashable {
    var id: String
    /// Nil while only a later event of it was seen.
    var name: String?
    /// Celery's name: PENDING (sent), RECEIVED, STARTED, SUCCESS, FAILURE, RETRY, REVOKED, REJECTED.
    var state: String
    var worker: String?
    /// Who sent it, when it told.
    var client: String?
    /// Where it waits or waited: told by its sender, else by the worker's consumers and the route.
    var queue: String?
    var exchange: String?
    var routingKey: String?
    var args: String?
    var kwargs: String?
    var result: String?
    var exception: String?
    var traceback: String?
    var rootID: String?
    var parentID: String?
    var retries = 0
    var eta: String?
    var expires: String?
    /// The value of `tenant_id` in its arguments.
    var tenant: String?
    var sent: Double?
    var received: Double?
    var started: Double?
    var succeeded: Double?
    var failed: Double?
    var retried: Double?
    var revoked: Double?
    var rejected: Double?
    /// Seconds, as the worker measured.
    var runtime: Double?
    var clock = 0
    /// Of its newest event.
    var timestamp: Double
    /// It was waiting or running at a worker that is gone or does not run it any more: nobody will tell how it ended.
    var isOrphaned = false

    /// Celery's `READY_STATES`, and REJECTED.
    var isEnded: Bool { ["SUCCESS", "FAILURE", "REVOKED", "REJECTED"].contains(state) }

    var ended: Double? { [succeeded, failed, revoked, rejected].compactMap { $0 }.max() }
}

/// One event of a task's timeline.
struct TaskMoment: Sendable, Hashable {
    /// `task-received`, …
    var type: String
    var time: Double
    var worker: String?
    /// What the event tells beside: attempt, exception, signal.
    var text: String?
}
