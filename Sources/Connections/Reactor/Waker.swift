import CRabbitMQ
import Glibc
import Synchronization

/// Wakes a reactor from any thread. Cheap when the reactor is busy: only a sleeping one costs a system call.
package final class Waker: Sendable {
    private enum Phase {
        static let running = 0
        static let polling = 1
        static let notified = 2
    }

    private let phase = Atomic<Int>(Phase.running)
    let descriptor: Int32

    package init() {
        descriptor = chard_eventfd()
        precondition(descriptor >= 0, "cannot create an eventfd: errno \(errno)")
    }

    deinit { Glibc.close(descriptor) }

    /// Makes the reactor take another turn. What was put into an inbox before this call is seen in that turn.
    package func wake() {
        guard phase.exchange(Phase.notified, ordering: .sequentiallyConsistent) == Phase.polling else { return }
        var one: UInt64 = 1
        _ = Glibc.write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Called by the reactor before a turn.
    func beginTurn() { phase.store(Phase.running, ordering: .sequentiallyConsistent) }

    /// Called by the reactor before it sleeps; false when somebody called `wake` during the turn.
    func beginPolling() -> Bool {
        phase.compareExchange(
            expected: Phase.running,
            desired: Phase.polling,
            ordering: .sequentiallyConsistent
        ).exchanged
    }

    /// Takes the wake-up out of the descriptor, so that it can announce the next one.
    func drain() {
        var count: UInt64 = 0
        _ = Glibc.read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
