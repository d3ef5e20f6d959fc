import Synchronization

/// A task that waits for the reactor thread: resumed exactly once, by the answer, the time limit or its cancellation.
final class RedisWaiter: Sendable {
    typealias Outcome = Result<[RedisValue], RedisError>

    private enum State {
        case created
        case waiting(CheckedContinuation<Outcome, Never>)
        case finished(Outcome)
    }

    let deadline: MonotonicTime
    let limit: Duration
    private let state = Mutex(State.created)

    /// - Parameter limit: How long it waits at most, from now.
    init(limit: Duration) {
        self.limit = limit
        deadline = MonotonicTime.now.advanced(by: limit)
    }

    var isFinished: Bool {
        state.withLock { state in
            if case .finished = state { true } else { false }
        }
    }

    /// Resumes the task, unless that has happened already.
    func finish(_ outcome: Outcome) {
        let continuation = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
            switch state {
            case .finished: return nil
            case .created:
                state = .finished(outcome)
                return nil
            case .waiting(let continuation):
                state = .finished(outcome)
                return continuation
            }
        }
        continuation?.resume(returning: outcome)
    }

    /// Waits for the outcome; `start` hands the waiter to the thread that will finish it.
    func wait(_ start: () -> Void) async throws(RedisError) -> [RedisValue] {
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Outcome, Never>) in
                guard attach(continuation) else { return }
                start()
            }
        } onCancel: {
            finish(.failure(.cancelled))
        }
        return try outcome.get()
    }

    /// - Returns: Whether it is still unfinished.
    private func attach(_ continuation: CheckedContinuation<Outcome, Never>) -> Bool {
        let early = state.withLock { state -> Outcome? in
            if case .finished(let outcome) = state { return outcome }
            state = .waiting(continuation)
            return nil
        }
        guard let early else { return true }
        continuation.resume(returning: early)
        return false
    }
}
