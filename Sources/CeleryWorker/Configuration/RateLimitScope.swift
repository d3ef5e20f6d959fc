/// Whose starts a rate limit counts.
public enum RateLimitScope: String, Sendable, Hashable, CaseIterable {
    /// Those of each worker by itself, as Celery does.
    case worker
    /// Those of all workers that share a Redis.
    case cluster
}
