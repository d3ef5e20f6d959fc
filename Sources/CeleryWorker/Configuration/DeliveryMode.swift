/// When a message is acknowledged.
public enum DeliveryMode: String, Sendable, Hashable, CaseIterable {
    /// After its result is stored and all it causes is confirmed: a crash repeats the task. Celery's acks_late.
    case atLeastOnce = "at_least_once"
    /// Before the task starts: a crash loses the task. Celery's default.
    case atMostOnce = "at_most_once"
}
