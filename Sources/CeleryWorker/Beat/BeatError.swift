/// What keeps a beat from sending.
public enum BeatError: Error, Sendable, CustomStringConvertible {
    /// Another beat has taken over.
    case fenced
    /// There is no Redis to keep the lock and the last runs in.
    case noRedis

    public var description: String {
        switch self {
        case .fenced: "another beat has taken over"
        case .noRedis:
            "starting beat: no Redis is configured for its lock and the last runs; set result_backend.url or "
                + "CELERY_RESULT_BACKEND, or use --no-lock if this is the only beat and may forget"
        }
    }
}
