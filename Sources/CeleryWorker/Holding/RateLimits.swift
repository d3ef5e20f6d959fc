import Connections
import Logging
import Synchronization

/// When tasks whose rate is limited may start.
///
/// Each message gets a slot in time. It is held until then if that is soon, else it waits in the broker, so that a
/// limited task neither blocks the others of its queue nor fills the prefetch window.
final class RateLimits: Sendable {
    struct Limit: Sendable, Hashable {
        var task: String
        var rate: RateLimit
        var scope: RateLimitScope
    }

    private struct State {
        /// What control commands have said; `off` for no limit.
        var overrides: [String: OptionalSetting<RateLimit>] = [:]
        var ledgers: [String: RateLedger] = [:]
        /// How many messages are held for their slots, by lane.
        var held: [Int: Int] = [:]
        var isRedisAway = false
    }

    private let state = Mutex(State())
    private let hasOverrides = Atomic<Bool>(false)
    private let cluster: ClusterRate?
    private let logger: Logger

    /// - Parameter results: The Redis of limits with scope cluster; without one they hold for each worker.
    init(results: RedisResults?, logger: Logger) {
        cluster = results.map(ClusterRate.init)
        self.logger = logger
    }

    // MARK: Limits

    /// The limit of a task, if it has one. Costs nothing to speak of for one without.
    func limit(of known: KnownTask) -> Limit? {
        guard known.rules.rateLimit != nil || hasOverrides.load(ordering: .relaxed) else { return nil }
        guard let rate = rate(of: known.task.name, configured: known.rules.rateLimit) else { return nil }
        return Limit(task: known.task.name, rate: rate, scope: known.rules.rateLimitScope)
    }

    /// What holds for a task now.
    ///
    /// - Parameter configured: What its own options and queues.yaml say.
    func rate(of task: String, configured: RateLimit?) -> RateLimit? {
        switch state.withLock({ $0.overrides[task] }) {
        case .on(let rate): rate
        case .off: nil
        case nil: configured
        }
    }

    /// Changes a task's limit from now on, until the worker ends; nil for no limit. What waits keeps its slot at the
    /// latest: under a new limit it asks for another one when it comes back.
    func set(task: String, rateLimit: RateLimit?) {
        state.withLock { state in
            state.overrides[task] = rateLimit.map { .on($0) } ?? .off
            state.ledgers[task] = nil
        }
        hasOverrides.store(true, ordering: .relaxed)
    }

    // MARK: Slots

    /// Reserves the next free slot, in nanoseconds of `MonotonicTime`.
    func reserve(_ limit: Limit) async -> Int64 {
        if limit.scope == .cluster, let slot = await reserveInCluster(limit) { return slot }
        return ledger(of: limit) { $0.reserve(now: MonotonicTime.now.nanoseconds) }
    }

    /// Nil while Redis is away: the limit then holds for each worker by itself.
    private func reserveInCluster(_ limit: Limit) async -> Int64? {
        guard let cluster else {
            warnOnce("\(limit.task) has a rate limit of the cluster, but no Redis counts for it")
            return nil
        }
        do {
            let wait = try await cluster.reserve(limit.task, interval: limit.rate.interval)
            state.withLock { $0.isRedisAway = false }
            return MonotonicTime.now.advanced(byNanoseconds: wait).nanoseconds
        } catch {
            warnOnce("reserving a start of \(limit.task): \(error)")
            return nil
        }
    }

    private func warnOnce(_ what: String) {
        let isNews = state.withLock { state in
            defer { state.isRedisAway = true }
            return !state.isRedisAway
        }
        if isNews { logger.warning("\(what); until it does, such limits hold for each worker by itself") }
    }

    /// Counts a start now; if it would come too early, the time for another attempt.
    ///
    /// - Parameter slot: The time that was reserved for it.
    func start(_ limit: Limit, slot: Int64, now: MonotonicTime) -> Int64? {
        ledger(of: limit) { $0.start(slot: slot, now: now.nanoseconds) }
    }

    private func ledger<Value>(of limit: Limit, _ body: (inout RateLedger) -> Value) -> Value {
        state.withLock { state in
            var ledger = state.ledgers[limit.task] ?? RateLedger(interval: limit.rate.interval)
            if ledger.interval != limit.rate.interval { ledger = RateLedger(interval: limit.rate.interval) }
            defer { state.ledgers[limit.task] = ledger }
            return body(&ledger)
        }
    }

    // MARK: Holding

    /// Takes one of the places for held messages of a lane, which are half of its prefetch window.
    ///
    /// - Parameter wait: Until the slot. What would hold its place for longer than it takes the places to be used up
    ///   at this rate waits in the broker, as does what waits longer than `Celery.holdLimit`.
    func hold(_ wait: Duration, lane: Int, prefetch: Int, _ limit: Limit) -> Bool {
        let places = prefetch == 0 ? 1000 : prefetch / 2
        let (span, overflow) = limit.rate.interval.multipliedReportingOverflow(by: Int64(places))
        guard wait <= Celery.holdLimit, overflow || wait.nanoseconds <= span else { return false }
        return state.withLock { state in
            guard state.held[lane, default: 0] < places else { return false }
            state.held[lane, default: 0] += 1
            return true
        }
    }

    func release(lane: Int) { state.withLock { $0.held[lane, default: 1] -= 1 } }
}
