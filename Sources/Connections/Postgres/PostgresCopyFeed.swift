import Synchronization

/// The data of a COPY on its way from the task that makes it to the thread of the connections.
final class PostgresCopyFeed: Sendable {
    private struct State {
        var chunks = FIFO<[UInt8]>()
        var bytes = 0
        var end: Next?
        /// Nobody takes data any more.
        var isClosed = false
        var isStarved = false
        var producer: CheckedContinuation<Void, Never>?
    }

    /// What comes next.
    enum Next {
        case chunk([UInt8])
        case end(failure: String?)
        case none
    }

    /// How many bytes may wait before the producer must.
    private static let limit = 1 << 20

    private let state: Mutex<State>
    private let wake: @Sendable () -> Void

    /// - Parameter wake: Lets the thread of the connections look for data.
    init(wake: @escaping @Sendable () -> Void) {
        state = Mutex(State())
        self.wake = wake
    }

    /// All data at once.
    init(_ chunks: [[UInt8]]) {
        var state = State()
        for chunk in chunks where !chunk.isEmpty { state.chunks.append(chunk) }
        state.end = .end(failure: nil)
        self.state = Mutex(state)
        wake = {}
    }

    /// Adds data, and waits while there is much that was not taken yet.
    ///
    /// - Returns: False when no more is wanted, because the COPY has ended.
    func put(_ chunk: [UInt8]) async -> Bool {
        guard !chunk.isEmpty else { return !state.withLock(\.isClosed) }
        let wasStarved = state.withLock { state in
            state.chunks.append(chunk)
            state.bytes += chunk.count
            return take(&state.isStarved)
        }
        if wasStarved { wake() }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let mayGoOn = state.withLock { state in
                if state.isClosed || state.bytes <= Self.limit { return true }
                state.producer = continuation
                return false
            }
            if mayGoOn { continuation.resume() }
        }
        return !state.withLock(\.isClosed)
    }

    /// No more data comes.
    ///
    /// - Parameter failure: Why the COPY shall fail.
    func end(failure: String? = nil) {
        let wasStarved = state.withLock { state in
            guard !state.isClosed else { return false }
            state.end = .end(failure: failure)
            return take(&state.isStarved)
        }
        if wasStarved { wake() }
    }

    /// Whether it was the caller's data that failed, while the server still took it.
    var hasFailed: Bool {
        state.withLock { state in
            if case .end(let failure?) = state.end { !failure.isEmpty } else { false }
        }
    }

    /// No more data is taken.
    func close() {
        let producer = state.withLock { state in
            state.isClosed = true
            return take(&state.producer)
        }
        producer?.resume()
    }

    /// Takes data; called on the thread of the connections. After `none` it is woken when there is something.
    func next() -> Next {
        let (next, producer) = state.withLock { state -> (Next, CheckedContinuation<Void, Never>?) in
            guard let chunk = state.chunks.popFirst() else {
                state.isStarved = state.end == nil
                return (state.end ?? .none, nil)
            }
            state.bytes -= chunk.count
            return (.chunk(chunk), state.bytes <= Self.limit ? take(&state.producer) : nil)
        }
        producer?.resume()
        return next
    }

    private func take(_ flag: inout Bool) -> Bool {
        defer { flag = false }
        return flag
    }

    private func take<Value>(_ value: inout Value?) -> Value? {
        defer { value = nil }
        return value
    }
}
