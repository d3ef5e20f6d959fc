import Connections

/// The state of one instance's circuit breaker: a value without a clock, so that every rule is a line in a test.
///
/// *Closed*: calls go through and are counted in a sliding window; too many failures open it. *Open*: no calls.
/// *Probing* (half-open): one call goes through; its success closes the breaker, its failure opens it again.
/// Times are milliseconds since 1970. It is stored in Redis as JSON, where all workers change the same one.
package struct CircuitBreaker: Sendable, Hashable, Codable {
    package enum Phase: Sendable, Hashable, Codable {
        case closed
        /// Until then there are no calls; then one may take the probe.
        case open(until: Int64)
        /// Whoever has that token tries; if nothing was heard of it until then, another may.
        case probing(token: String, until: Int64)
    }

    package enum Admission: Sendable, Hashable {
        case allowed
        /// A call may go through if it gets the probe.
        case probe
        case refused(until: Int64)
    }

    /// The calls of a part of the window.
    struct Bucket: Sendable, Hashable, Codable {
        var start: Int64
        var successes: Int
        var failures: Int
    }

    package private(set) var phase = Phase.closed
    private(set) var buckets: [Bucket] = []

    /// The window moves in steps of this part of itself.
    static let parts: Int64 = 12

    package init() {}

    /// Whether a call may be made.
    package func admission(now: Int64) -> Admission {
        switch phase {
        case .closed: .allowed
        case .open(let until), .probing(_, let until): now >= until ? .probe : .refused(until: until)
        }
    }

    /// Counts calls that ended. Those that end while it is not closed began before it opened, and say nothing new.
    package mutating func record(successes: Int, failures: Int, now: Int64, _ settings: BreakerSettings) {
        guard phase == .closed, successes + failures > 0 else { return }
        let window = settings.window.milliseconds
        let width = max(1, window / Self.parts)
        let start = now - now % width
        buckets.removeAll { $0.start <= now - window }
        if let last = buckets.indices.last, buckets[last].start >= start {
            buckets[last].successes += successes
            buckets[last].failures += failures
        } else {
            buckets.append(Bucket(start: start, successes: successes, failures: failures))
        }
        let failed = buckets.reduce(0) { $0 + $1.failures }
        let all = buckets.reduce(failed) { $0 + $1.successes }
        guard failures > 0, all >= settings.minimumCalls, Double(failed) >= settings.errorRate * Double(all) else {
            return
        }
        open(now: now, settings)
    }

    /// Takes the probe; false when another has it, or when it is not time yet.
    package mutating func takeProbe(token: String, now: Int64, _ settings: BreakerSettings) -> Bool {
        guard admission(now: now) == .probe else { return false }
        phase = .probing(token: token, until: now + settings.openFor.milliseconds)
        return true
    }

    /// Ends the probe of that token, if it is still its.
    ///
    /// - Parameter success: nil when the call was given up for reasons of its own: the next may try at once.
    package mutating func endProbe(token: String, success: Bool?, now: Int64, _ settings: BreakerSettings) {
        guard case .probing(token, _) = phase else { return }
        switch success {
        case true?: self = CircuitBreaker()
        case false?: open(now: now, settings)
        case nil: phase = .open(until: now)
        }
    }

    private mutating func open(now: Int64, _ settings: BreakerSettings) {
        phase = .open(until: now + settings.openFor.milliseconds)
        buckets = []
    }
}

extension Duration {
    var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
