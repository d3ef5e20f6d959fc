import Synchronization

/// What `time_limit` has set while the worker runs; lost when it ends, as in Celery.
///
/// Every admission asks, so that no override at all costs one relaxed load.
final class TaskOverrides: Sendable {
    struct TimeLimits: Sendable, Hashable {
        /// Nil: none.
        var soft: Duration?
        var hard: Duration?
    }

    private let hasAny = Atomic<Bool>(false)
    private let limits = Mutex<[String: TimeLimits]>([:])

    func setTimeLimits(_ limits: TimeLimits, task: String) {
        self.limits.withLock { $0[task] = limits }
        hasAny.store(true, ordering: .relaxed)
    }

    /// The task with the time limits that hold for it now.
    func applied(to known: KnownTask?) -> KnownTask? {
        guard hasAny.load(ordering: .relaxed), let known else { return known }
        guard let limits = limits.withLock({ $0[known.task.name] }) else { return known }
        var rules = known.rules
        rules.softTimeLimit = limits.soft
        rules.hardTimeLimit = limits.hard
        return KnownTask(task: known.task, rules: rules)
    }
}
