import CeleryProtocol

/// What happened to the children of a pool since the worker began.
struct ProcessPoolCounts: Sendable, Hashable {
    var started = 0
    /// Ended unexpectedly.
    var lost = 0
    /// Replaced, because they had run enough tasks or had grown too large.
    var recycled = 0
}

/// A pool at one moment.
struct ProcessPoolSnapshot: Sendable, Hashable {
    var maxConcurrency: Int
    /// Process ids.
    var processes: [Int32]
    /// Children that run a task.
    var busy: Int
    /// Runs that wait for a child.
    var waiting: Int
    var maxTasksPerChild: Int?
    /// KiB.
    var maxMemoryPerChild: Int?
    var counts: ProcessPoolCounts

    /// As in `inspect stats` (`celery/concurrency/prefork.py`, `_get_info`), and the counts.
    var celeryValue: CeleryValue {
        [
            "max-concurrency": .int(maxConcurrency),
            "processes": .array(processes.map { .int(Int($0)) }),
            "max-tasks-per-child": maxTasksPerChild.map { .int($0) } ?? "N/A",
            "max-memory-per-child": maxMemoryPerChild.map { .int($0) } ?? "N/A",
            "busy": .int(busy),
            "waiting": .int(waiting),
            "started": .int(counts.started),
            "lost": .int(counts.lost),
            "recycled": .int(counts.recycled),
        ]
    }
}
