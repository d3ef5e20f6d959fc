import Synchronization

/// What other threads want from a source on a reactor's thread.
final class RedisInbox<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        var waker: Waker?
        var isClosed = false
        /// How many items the source has taken and not finished.
        var held = 0
    }

    /// Why an item was not accepted.
    enum Refusal {
        case closed
        case full
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int = .max) { self.limit = limit }

    /// Hands an item over.
    ///
    /// - Returns: `nil` if it was accepted.
    func put(_ item: Item) -> Refusal? {
        let (refusal, waker) = state.withLock { state -> (Refusal?, Waker?) in
            if state.isClosed { return (.closed, nil) }
            if state.items.count + state.held >= limit { return (.full, nil) }
            state.items.append(item)
            // The first item wakes; the source takes all.
            return (nil, state.items.count == 1 ? state.waker : nil)
        }
        waker?.wake()
        return refusal
    }

    /// Takes everything; called by the source.
    func take() -> (items: [Item], isClosed: Bool) {
        state.withLock { state in
            let items = state.items
            state.items = []
            state.held += items.count
            return (items, state.isClosed)
        }
    }

    /// How many items the source has taken and not finished; called by the source before it rests.
    func setHeld(_ count: Int) { state.withLock { $0.held = count } }

    /// From now on, `put` wakes this reactor.
    func attach(_ waker: Waker) {
        state.withLock { $0.waker = waker }
        waker.wake()
    }

    /// Accepts nothing more.
    func close() {
        let waker = state.withLock { state in
            state.isClosed = true
            return state.waker
        }
        waker?.wake()
    }
}
