/// The starts of one rate-limited task: a token bucket of capacity 1, as Celery's (`kombu/utils/limits.py`), kept as
/// times instead of tokens (GCRA). All times are nanoseconds of one clock.
///
/// A message gets the next free slot when it comes, however far away that is, and starts then. A second look at the
/// start itself keeps the rate where slots of others come in between: messages that another worker has put off.
struct RateLedger: Sendable {
    let interval: Int64
    private var nextSlot: Int64 = 0
    private var nextStart: Int64 = 0
    private var catchUp: Int64 = .min

    init(interval: Int64) { self.interval = max(1, interval) }

    /// The next free slot, from now on.
    mutating func reserve(now: Int64) -> Int64 {
        let slot = max(now, nextSlot)
        nextSlot = Self.sum(slot, interval)
        return slot
    }

    /// Counts a start, unless it would come too early; then the time for another attempt.
    ///
    /// What the worker was too busy to start at its slot catches up, at most at double the rate.
    mutating func start(slot: Int64, now: Int64) -> Int64? {
        guard nextStart <= Self.sum(now, tolerance) else { return nextStart - tolerance }
        guard now >= catchUp else { return catchUp }
        nextStart = Self.sum(max(nextStart, min(max(slot, now - Self.longestDelay), now)), interval)
        catchUp = Self.sum(now, interval / 2)
        return nil
    }

    /// Threads start late by some milliseconds, and what is late must not push back what follows.
    private var tolerance: Int64 { min(max(interval, 20_000_000), 500_000_000) }
    /// Older delays are not made up for.
    private static let longestDelay: Int64 = 1_000_000_000

    private static func sum(_ time: Int64, _ distance: Int64) -> Int64 {
        let (sum, overflow) = time.addingReportingOverflow(distance)
        return overflow ? .max : sum
    }
}
