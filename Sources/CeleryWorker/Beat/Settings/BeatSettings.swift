public import Foundation

/// The scheduler's settings (`beat:` in queues.yaml).
public struct BeatSettings: Sendable {
    /// In the order of the file.
    public var entries: [BeatEntry] = []
    /// Whose clock entries go by that name no other. Celery's `timezone`.
    public var zone = TimeZone.gmt
    /// How long a beat that has died keeps the others from taking over.
    public var lockTTL: Duration = .seconds(10)
    /// The longest sleep, after which a change of the system's clock is noticed. Celery's beat_max_loop_interval.
    public var maxInterval: Duration = .seconds(5)
    /// Before the names of the Redis keys, and itself behind `result_backend.key_prefix`.
    public var keyPrefix = "chard:beat:"
    /// A missed crontab run older than this is not sent. Celery's beat_cron_starting_deadline.
    public var cronStartingDeadline: Duration?

    public init() {}
}
