import Synchronization

/// One process's part of a count. Adding is an atomic addition in memory; ``Metrics`` brings the sum to Redis.
package final class MetricCounter: Sendable {
    package let name: MetricName
    /// Only grow; past `Int.max` they stay there.
    private let added = Atomic<Int>(0)
    private let taken = Atomic<Int>(0)
    /// What Redis has confirmed in its present life; see ``Metrics/redisRestarted()``.
    private let confirmed = Mutex(Totals())
    private let onChange: @Sendable () -> Void

    /// What was added and taken away since the process began.
    struct Totals: Hashable {
        var added = 0
        var taken = 0
    }

    init(name: MetricName, onChange: @escaping @Sendable () -> Void) {
        self.name = name
        self.onChange = onChange
    }

    /// - Parameter amount: A negative one takes away.
    package func increment(by amount: Int = 1) {
        guard amount != 0 else { return }
        let size = Int(clamping: amount.magnitude)
        if amount > 0 { Self.add(size, to: added) } else { Self.add(size, to: taken) }
        onChange()
    }

    var totals: Totals {
        Totals(added: added.load(ordering: .relaxed), taken: taken.load(ordering: .relaxed))
    }

    /// What Redis does not know yet; nil when it knows all.
    var unconfirmed: Totals? {
        let totals = totals
        return confirmed.withLock { $0 == totals } ? nil : totals
    }

    func confirm(_ totals: Totals) { confirmed.withLock { $0 = totals } }

    /// Redis may have forgotten everything.
    func forgetConfirmation() { confirmed.withLock { $0 = Totals() } }

    private static func add(_ amount: Int, to counter: borrowing Atomic<Int>) {
        var old = counter.load(ordering: .relaxed)
        while true {
            let (sum, overflow) = old.addingReportingOverflow(amount)
            let (exchanged, current) = counter.weakCompareExchange(
                expected: old,
                desired: overflow ? .max : sum,
                ordering: .relaxed
            )
            if exchanged { return }
            old = current
        }
    }
}
