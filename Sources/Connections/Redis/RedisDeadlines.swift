/// When waiters must next be looked through for those whose time is up.
///
/// The look is linear, so it happens at most once per millisecond, and only when some waiter is due.
struct RedisDeadlines {
    private(set) var next = MonotonicTime.distantFuture

    mutating func add(_ waiter: RedisWaiter) { next = min(next, waiter.deadline) }

    /// Whether it is time; if so, the deadlines of all that still wait must be added again.
    mutating func isDue(_ now: MonotonicTime) -> Bool {
        guard now >= next else { return false }
        next = .distantFuture
        return true
    }

    mutating func add(_ waiter: RedisWaiter, after now: MonotonicTime) {
        next = min(next, max(waiter.deadline, now.advanced(byNanoseconds: 1_000_000)))
    }
}
