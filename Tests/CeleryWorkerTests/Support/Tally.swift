import Synchronization

/// Collects values from any thread, and lets a test wait until there are enough.
final class Tally<Value: Sendable>: Sendable {
    struct TooLate: Error, CustomStringConvertible {
        var description: String
    }

    private struct State {
        var values: [Value] = []
        var waiters: [@Sendable ([Value]) -> Void] = []
    }

    private let state = Mutex(State())

    var values: [Value] { state.withLock { $0.values } }

    func add(_ value: Value) {
        let (values, waiters) = state.withLock { state in
            state.values.append(value)
            return (state.values, state.waiters)
        }
        for waiter in waiters { waiter(values) }
    }

    /// Returns the values as soon as there are `count` of them.
    @discardableResult
    func wait(for count: Int, within limit: Duration = .seconds(15)) async throws -> [Value] {
        try await wait(within: limit) { $0.count >= count }
    }

    /// Returns the values as soon as they satisfy the condition.
    @discardableResult
    func wait(
        within limit: Duration = .seconds(15),
        until condition: @escaping @Sendable ([Value]) -> Bool
    ) async throws -> [Value] {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let isThere = state.withLock { state in
            state.waiters.append { if condition($0) { continuation.yield() } }
            return condition(state.values)
        }
        if isThere { return values }
        let alarm = Task {
            try await Task.sleep(for: limit)
            continuation.finish()
        }
        defer { alarm.cancel() }
        var iterator = stream.makeAsyncIterator()
        guard await iterator.next() != nil else { throw TooLate(description: "after \(limit) there is only \(values)") }
        return values
    }
}
