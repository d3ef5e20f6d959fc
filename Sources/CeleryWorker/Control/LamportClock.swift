import Synchronization

/// A logical clock: what a message says happened before what its receiver does next (`kombu/clocks.py`).
final class LamportClock: Sendable {
    private let state = Atomic<Int>(0)

    var value: Int { state.load(ordering: .relaxed) }

    /// Something happens here; returns its time.
    @discardableResult
    func forward() -> Int { state.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Something arrived that happened at `other`; returns the time of its arrival. Times that nobody reaches by
    /// counting are ignored, so that a broken message cannot make the clock overflow.
    @discardableResult
    func adjust(_ other: Int) -> Int {
        guard other < 1 << 60 else { return forward() }
        var current = state.load(ordering: .relaxed)
        while true {
            let next = max(current, other) + 1
            let (done, seen) = state.compareExchange(expected: current, desired: next, ordering: .relaxed)
            if done { return next }
            current = seen
        }
    }
}
