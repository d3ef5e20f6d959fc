import Synchronization

/// Tells live pages that something has changed; a page that is slow misses none, it hears of all at once.
final class ChangeHub: Sendable {
    private struct State {
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
        var topics: [Int: Set<Topic>] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    func announce(_ topic: Topic) {
        let listeners = state.withLock { state in
            state.topics.compactMap { $1.contains(topic) ? state.listeners[$0] : nil }
        }
        for listener in listeners { listener.yield() }
    }

    /// One element whenever any of the topics has changed since the last one was taken.
    func listen(_ topics: Set<Topic>) -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let id = state.withLock { state in
                state.next += 1
                state.listeners[state.next] = continuation
                state.topics[state.next] = topics
                return state.next
            }
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { state in
                    state.listeners[id] = nil
                    state.topics[id] = nil
                }
            }
        }
    }
}
