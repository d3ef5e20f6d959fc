import Synchronization

/// Tells those who wait that the worker shall end; once, and also those who ask later.
final class Shutdown: Sendable {
    private struct State {
        var hasBegun = false
        var handlers: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    var hasBegun: Bool { state.withLock { $0.hasBegun } }

    func begin() {
        let handlers = state.withLock { state in
            state.hasBegun = true
            defer { state.handlers = [] }
            return state.handlers
        }
        for handler in handlers { handler() }
    }

    /// Calls `handler` when the shutdown begins; at once if it has.
    func onBegin(_ handler: @escaping @Sendable () -> Void) {
        let hasBegun = state.withLock { state in
            if !state.hasBegun { state.handlers.append(handler) }
            return state.hasBegun
        }
        if hasBegun { handler() }
    }

    /// Returns when the shutdown begins, or when the waiting task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let once = Once<Void> { continuation.resume() }
                onBegin { once.call(()) }
            }
        } onCancel: {
            begin()
        }
    }
}

/// Passes on the first call of several.
final class Once<Value: Sendable>: Sendable {
    private let isDone = Atomic<Bool>(false)
    private let body: @Sendable (Value) -> Void

    init(_ body: @escaping @Sendable (Value) -> Void) { self.body = body }

    func call(_ value: Value) {
        if !isDone.exchange(true, ordering: .acquiringAndReleasing) { body(value) }
    }
}
