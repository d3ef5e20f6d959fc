/// Whether a worker takes part in Celery's native delayed delivery (`worker.native_delayed_delivery`).
public enum NativeDelayedDeliveryMode: String, Sendable, Hashable, CaseIterable {
    /// When a consumed queue is of type quorum, or the exchanges are there already.
    case auto
    case on = "true"
    case off = "false"
}
