import Synchronization

/// The way from any task to the thread of the connections.
final class PostgresInbox: Sendable {
    private enum Phase {
        case open
        /// New work is refused; turns may end theirs.
        case closing
        /// Nobody listens any more.
        case ended
    }

    private struct State {
        var requests: [PostgresRequest] = []
        var phase = Phase.open
        /// How many requests the thread has taken and not begun.
        var held = 0
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let waker: Waker
    private let limit: Int

    init(waker: Waker, limit: Int) {
        self.waker = waker
        self.limit = limit
    }

    /// How many requests wait to be begun.
    var count: Int { state.withLock { $0.requests.count + $0.held } }

    /// Hands over a request, or fails it at once.
    func put(_ request: PostgresRequest) {
        let (refusal, isFirst) = state.withLock { state -> (PostgresError?, Bool) in
            if let refusal = self.refusal(of: request, state) { return (refusal, false) }
            state.requests.append(request)
            return (nil, state.requests.count == 1)
        }
        if let refusal { return request.fail(refusal) }
        // The first one wakes; the thread takes all.
        if isFirst { waker.wake() }
    }

    /// Lets the thread look at what it has.
    func wake() { waker.wake() }

    /// Takes everything; called by the thread.
    func take() -> (requests: [PostgresRequest], isClosing: Bool) {
        state.withLock { state in
            defer { state.requests = [] }
            return (state.requests, state.phase != .open)
        }
    }

    /// How many requests wait in the thread's own queue; called by the thread.
    func setHeld(_ count: Int) { state.withLock { $0.held = count } }

    /// Refuses new work from now on, and waits until the thread has called `end`.
    func close() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let hasEnded = state.withLock { state in
                if state.phase == .ended { return true }
                state.phase = .closing
                state.closers.append(continuation)
                return false
            }
            if hasEnded { continuation.resume() } else { waker.wake() }
        }
    }

    /// Refuses everything from now on; called by the thread.
    ///
    /// - Returns: What came meanwhile.
    func end() -> [PostgresRequest] {
        let (rest, closers) = state.withLock { state in
            state.phase = .ended
            defer {
                state.requests = []
                state.closers = []
            }
            return (state.requests, state.closers)
        }
        for closer in closers { closer.resume() }
        return rest
    }

    private func refusal(of request: PostgresRequest, _ state: State) -> PostgresError? {
        let isNew =
            switch request {
            case .call, .turn: true
            case .callInTurn, .endTurn: false
            }
        if state.phase == .ended || isNew && state.phase == .closing {
            return PostgresError(.closed, "the pool of connections is closed")
        }
        guard isNew, state.requests.count + state.held >= limit else { return nil }
        return PostgresError(.poolExhausted, "\(limit) calls wait for a connection already")
    }
}
