/// What happened in a span of time.
struct SeriesBucket: Sendable, Hashable {
    /// Its beginning, seconds since 1970.
    var time: Double
    var sent = 0
    var received = 0
    var started = 0
    var succeeded = 0
    var failed = 0
    var retried = 0
    var revoked = 0
    var rejected = 0
    /// Of the runs that ended; seconds, nil when none did.
    var runtime: Percentiles?
    /// From received to started.
    var waiting: Percentiles?
}

struct Percentiles: Sendable, Hashable {
    var p50: Double
    var p95: Double
    var p99: Double
}

/// Which part of the series; nil: all.
struct SeriesFilter: Sendable, Hashable {
    var name: String?
    var worker: String?
}

/// A queue's figures at a moment, from the broker.
struct QueueSample: Sendable, Hashable {
    var queue: String
    /// Seconds since 1970.
    var time: Double
    var ready: Int
    var unacknowledged: Int
    var consumers: Int
    /// Messages per second.
    var published: Double
    var delivered: Double
}
