import Connections

/// Which parts of the control connection are open, and when the others are tried again.
struct ControlChannels {
    private struct Trouble {
        var failures = 0
        var nextAttempt: MonotonicTime
    }

    private var open: Set<ControlLoop.Part> = []
    private var troubles: [ControlLoop.Part: Trouble] = [:]

    func isOpen(_ part: ControlLoop.Part) -> Bool { open.contains(part) }

    mutating func opened(_ part: ControlLoop.Part) {
        open.insert(part)
        troubles[part] = nil
    }

    /// It ended by intent.
    mutating func closed(_ part: ControlLoop.Part) { open.remove(part) }

    /// It could not be opened, or was closed by the broker; true the first time since it was last open. The wait doubles
    /// from a quarter of a second to 16 seconds.
    mutating func failed(_ part: ControlLoop.Part, at now: MonotonicTime) -> Bool {
        open.remove(part)
        let failures = (troubles[part]?.failures ?? 0) + 1
        let wait = Int64(250_000_000) << Int64(min(failures - 1, 6))
        troubles[part] = Trouble(failures: failures, nextAttempt: now.advanced(byNanoseconds: wait))
        return failures == 1
    }

    /// The parts that are to be tried now.
    func due(_ now: MonotonicTime) -> [ControlLoop.Part] {
        troubles.isEmpty ? [] : troubles.filter { $0.value.nextAttempt <= now }.map(\.key)
    }

    var nextAttempt: MonotonicTime { troubles.values.map(\.nextAttempt).min() ?? .distantFuture }
}
