import Synchronization

/// A task that waits for the thread of the connections: resumed exactly once.
///
/// Cancelling the task ends the wait at once as long as the server was not asked anything. Later it is a wish: the
/// thread sees `isCancelled`, stops the statement and tells how that ended.
final class PostgresWaiter<Value: Sendable>: Sendable {
    typealias Outcome = Result<Value, PostgresError>

    private struct State {
        var continuation: CheckedContinuation<Outcome, Never>?
        var outcome: Outcome?
        var isBegun = false
    }

    /// Until when it waits to be begun.
    let deadline: MonotonicTime
    private let state = Mutex(State())
    private let wish = Atomic<Bool>(false)

    /// - Parameter limit: How long it waits at most to be begun, from now.
    init(limit: Duration) { deadline = MonotonicTime.now.advanced(by: limit) }

    /// Whether the task was cancelled after `begin`.
    var isCancelled: Bool { wish.load(ordering: .relaxed) }
    var isFinished: Bool { state.withLock { $0.outcome != nil } }

    /// From now on only the thread ends the wait.
    ///
    /// - Returns: False when it is over already.
    func begin() -> Bool {
        state.withLock { state in
            state.isBegun = true
            return state.outcome == nil
        }
    }

    /// Resumes the task.
    ///
    /// - Returns: False when that has happened already.
    @discardableResult
    func finish(_ outcome: Outcome) -> Bool {
        let (isFirst, continuation) = state.withLock { state in
            guard state.outcome == nil else { return (false, CheckedContinuation<Outcome, Never>?.none) }
            state.outcome = outcome
            defer { state.continuation = nil }
            return (true, state.continuation)
        }
        continuation?.resume(returning: outcome)
        return isFirst
    }

    /// Waits for the outcome.
    ///
    /// - Parameters:
    ///   - wake: Lets the thread look at `isCancelled`.
    ///   - start: Hands the waiter to the thread that will finish it.
    func wait(wake: @Sendable () -> Void, _ start: () -> Void) async throws(PostgresError) -> Value {
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Outcome, Never>) in
                if attach(continuation) { start() }
            }
        } onCancel: {
            if cancel() { wake() }
        }
        return try outcome.get()
    }

    /// - Returns: Whether the thread must end the wait.
    private func cancel() -> Bool {
        wish.store(true, ordering: .relaxed)
        let early = Outcome.failure(PostgresError(.cancelled, "the call was cancelled before it was sent"))
        let (isBegun, continuation) = state.withLock { state in
            guard !state.isBegun, state.outcome == nil else {
                return (state.isBegun, CheckedContinuation<Outcome, Never>?.none)
            }
            state.outcome = early
            defer { state.continuation = nil }
            return (false, state.continuation)
        }
        continuation?.resume(returning: early)
        return isBegun
    }

    /// - Returns: Whether it is still unfinished.
    private func attach(_ continuation: CheckedContinuation<Outcome, Never>) -> Bool {
        let early = state.withLock { state in
            if state.outcome == nil { state.continuation = continuation }
            return state.outcome
        }
        guard let early else { return true }
        continuation.resume(returning: early)
        return false
    }
}
