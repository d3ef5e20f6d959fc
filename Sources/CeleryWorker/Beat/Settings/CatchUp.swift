/// What becomes of runs that were missed because no beat was running, or the broker was away.
public enum CatchUp: String, Sendable, Hashable, CaseIterable {
    /// They are dropped.
    case skip
    /// The latest of them is sent, for all (Celery's way).
    case once
    /// Each is sent, the oldest first; of very many only the newest.
    case all
}
