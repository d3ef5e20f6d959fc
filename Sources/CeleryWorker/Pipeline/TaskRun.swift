import CeleryProtocol
import Connections
import Synchronization

/// One start of a task: from its admission until it is settled.
final class TaskRun: Sendable {
    /// Why a running task was told to stop.
    enum Stop: Sendable, Hashable {
        case softTimeLimit
        case hardTimeLimit
        case shutdown
        /// By `revoke(terminate=True)`, with the signal for a run that has a process of its own.
        case terminated(signal: Int32)
        case connectionLost
        case leaseLost
    }

    struct State {
        /// Set by whoever settles the run; what comes later is too late.
        var isSettled = false
        /// Which start of the task this is, where that was counted.
        var starts = 1
        /// Whether a state was stored under the task's id, so that the result is no longer the first.
        var hasStoredState = false
        var stop: Stop?
        var handle: Task<Void, Never>?
        /// Result tuples of the tasks that this one sent.
        var children: [CeleryValue] = []
        /// Other arguments for the next try; nil for the same.
        var retryArguments: CeleryMap?
        /// Those who wait for the end, e.g. a redelivered copy of the message.
        var waiters: [@Sendable () -> Void] = []
        /// The process that the body runs in, when it is not this one.
        var process: (any RunProcess)?
    }

    let delivery: Delivery
    let message: TaskMessage
    let known: KnownTask
    /// Whether the task may have run before: the broker has delivered the message before, or a sender has sent it again.
    let isRepeat: Bool
    /// When the body began, in nanoseconds of `MonotonicTime`; 0 while the run still asks whether it may.
    private let began: Atomic<Int64>
    let state = Mutex(State())
    /// Whether a checkpoint may be stored under the task's id.
    let hasCheckpoint = Atomic<Bool>(false)
    /// The place in the list of running tasks.
    let slot = Atomic<Int>(-1)

    init(delivery: Delivery, message: TaskMessage, known: KnownTask) {
        self.delivery = delivery
        self.message = message
        self.known = known
        isRepeat = message.deliveryInfo.redelivered || message.isAgain
        began = Atomic(isRepeat || delivery.hold != nil ? 0 : MonotonicTime.now.nanoseconds)
    }

    /// The body of a repeat, or of a task with a lease, begins.
    func begin() { began.store(MonotonicTime.now.nanoseconds, ordering: .relaxed) }

    /// The body has not begun yet: it waits for a process.
    func pause() { began.store(0, ordering: .relaxed) }

    /// Nanoseconds since the body began; 0 before.
    func elapsed(at now: MonotonicTime) -> Int64 {
        let began = began.load(ordering: .relaxed)
        return began == 0 ? 0 : now.nanoseconds - began
    }

    var softTimeLimit: Duration? { Self.limit(message.softTimeLimit) ?? known.rules.softTimeLimit }
    var hardTimeLimit: Duration? { Self.limit(message.hardTimeLimit) ?? known.rules.hardTimeLimit }

    /// A limit of a message, in seconds; none when it is no positive number, and at most thirty years.
    private static func limit(_ seconds: Double?) -> Duration? {
        guard let seconds, seconds > 0 else { return nil }
        return .seconds(min(seconds, 1e9))
    }

    var ignoresResult: Bool { message.ignoreResult ?? known.rules.ignoreResult }

    /// Claims the right to settle the run; true for the first only.
    func claimSettlement() -> Bool {
        state.withLock { state in
            defer { state.isSettled = true }
            return !state.isSettled
        }
    }

    /// The run has suspended; from here on it can be cancelled.
    func belongs(to handle: Task<Void, Never>) {
        let isStopped = state.withLock { state in
            if !state.isSettled { state.handle = handle }
            return state.stop != nil
        }
        if isStopped { handle.cancel() }
    }

    /// Cancels the run's task; a body that does not suspend learns of it by `TaskContext.isCancelled`.
    func stop(_ reason: Stop) {
        let handle = state.withLock { state in
            if state.stop == nil { state.stop = reason }
            return state.handle
        }
        handle?.cancel()
    }
}
