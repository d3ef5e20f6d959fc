package import CeleryProtocol
import Connections
import Synchronization

/// Events on their way from the broker to somebody who writes them down, who may be slow.
///
/// When much has piled up, no more is read, and the events wait in the broker. What must be let go in spite of that is
/// counted.
package final class EventInbox: Sendable {
    /// What has come since it was last asked.
    package struct Batch: Sendable {
        package var events: [CeleryMap] = []
        package var notes: [Note] = []
        /// Events that had to be let go, and messages that were none.
        package var dropped = 0
        package var unreadable = 0

        var isEmpty: Bool { events.isEmpty && notes.isEmpty && dropped == 0 && unreadable == 0 }
    }

    /// Times in seconds since 1970.
    package enum Note: Sendable, Hashable {
        case connected(Double)
        case lost(Double, reason: String)
        /// Nothing was read for so long, because too much waited here.
        case paused(from: Double, to: Double)
    }

    private struct State {
        var batch = Batch()
        var bytes = 0
        var fullSince: Double?
        var waiter: CheckedContinuation<Void, Never>?
        var isClosed = false
    }

    private let maxEvents: Int
    private let maxBytes: Int
    private let waker: Waker
    private let state = Mutex(State())

    /// - Parameters:
    ///   - maxEvents: When so many wait here, no more are read.
    ///   - maxBytes: Or when their messages had so many bytes.
    init(maxEvents: Int, maxBytes: Int, waker: Waker) {
        self.maxEvents = maxEvents
        self.maxBytes = maxBytes
        self.waker = waker
    }

    var isFull: Bool { state.withLock { $0.fullSince != nil } }

    /// Waits until something has come; nil when nothing will come any more, or the task is cancelled.
    package func take() async -> Batch? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    guard state.batch.isEmpty, !state.isClosed else { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            close()
        }
        let (batch, wasFull) = state.withLock { state in
            var batch = state.batch
            if let since = state.fullSince { batch.notes.append(.paused(from: since, to: WallClock.seconds)) }
            defer {
                state.batch = Batch()
                state.bytes = 0
                state.fullSince = nil
            }
            return (batch, state.fullSince != nil)
        }
        if wasFull { waker.wake() }
        return batch.isEmpty ? nil : batch
    }

    func put(_ events: [CeleryMap], bytes: Int, unreadable: Int) {
        change { state in
            state.batch.unreadable += unreadable
            // Reading goes on slowly while it is full, because the connection's heartbeats need it.
            guard state.batch.events.count < 2 * maxEvents, state.bytes < 2 * maxBytes else {
                state.batch.dropped += events.count
                return
            }
            state.batch.events += events
            state.bytes += bytes
            if state.fullSince == nil, state.batch.events.count >= maxEvents || state.bytes >= maxBytes {
                state.fullSince = WallClock.seconds
            }
        }
    }

    func put(_ note: Note) { change { $0.batch.notes.append(note) } }

    func close() { change { $0.isClosed = true } }

    private func change(_ change: (inout State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
