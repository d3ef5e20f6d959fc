import Connections
import Synchronization

/// A run's claim to its message when the broker does not hold it: a lease in Redis.
///
/// Until the lease is taken, the delivery counts as for every other task. From then on the message is in Redis, the
/// broker has been answered, and the run goes on exactly as long as nobody else has the lease.
final class LeaseHold: Sendable {
    private enum Phase: UInt8 {
        /// The message is still the broker's.
        case waiting
        case held
        /// Somebody else has the lease, or the run has given it up.
        case over
    }

    /// Attempts of a task have leases of their own.
    let taskID: String
    let retries: Int
    /// The queue that the message goes back to.
    let queue: String
    /// Says whose lease it is, should the answer to taking it be lost.
    let token = TaskID.make()
    private let phase = Atomic<UInt8>(Phase.waiting.rawValue)
    private let fenceNumber = Atomic<Int>(0)
    private let startNumber = Atomic<Int>(0)

    init(taskID: String, retries: Int, queue: String) {
        self.taskID = taskID
        self.retries = retries
        self.queue = queue
    }

    /// Grows with every holder; what comes with a smaller number is refused. 0 before the lease is taken.
    var fence: Int { fenceNumber.load(ordering: .acquiring) }
    var isWaiting: Bool { phase.load(ordering: .acquiring) == Phase.waiting.rawValue }
    var isHeld: Bool { phase.load(ordering: .acquiring) == Phase.held.rawValue }

    /// How often the task was started, this start included.
    var starts: Int { startNumber.load(ordering: .acquiring) }

    func take(fence: Int, starts: Int) {
        fenceNumber.store(fence, ordering: .releasing)
        startNumber.store(starts, ordering: .releasing)
        phase.store(Phase.held.rawValue, ordering: .releasing)
    }

    func end() { phase.store(Phase.over.rawValue, ordering: .releasing) }
}

/// The run has lost its lease: another worker has the task now, and nothing of this run counts any more.
public struct LeaseLost: Error, Sendable, Hashable, CustomStringConvertible {
    public init() {}

    public var description: String { "the task's lease has lapsed, and another worker has the task now" }
}
