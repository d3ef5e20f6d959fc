import CeleryProtocol
import Connections
import Synchronization

/// The messages whose time has not come, for `inspect scheduled` (or `reserved`, where a rate limit holds them): those that are held here, and those that this worker
/// has put off into a queue of the broker.
///
/// One that was put off is listed until the broker delivers it again, be it here or to another worker, which then lists
/// it; so each is listed once. Of very many that were put off, only the last are listed.
final class HeldTasks: Sendable {
    struct Entry: Sendable {
        var id: String
        /// Nil when the time is not the message's own: its rate is limited.
        var eta: Timestamp?
        var content: Content

        enum Content: Sendable {
            case held(TaskMessage)
            /// What is known of one that is not here any more, and when the broker lets go of it.
            case putOff(CeleryValue, until: MonotonicTime)
        }
    }

    private struct State {
        var entries: [Int: Entry] = [:]
        var next = 0
        /// Numbers of those that were put off, oldest first.
        var putOff: [Int] = []
    }

    private static let mostPutOff = 4096
    private let state = Mutex(State())

    /// Returns a number for `remove`.
    func hold(_ message: TaskMessage, eta: Timestamp?) -> Int {
        state.withLock { state in
            state.next += 1
            state.entries[state.next] = Entry(id: message.id, eta: eta, content: .held(message))
            return state.next
        }
    }

    func remove(_ number: Int) {
        state.withLock { state in state.entries[number] = nil }
    }

    /// - Parameters:
    ///   - info: The task as `inspect` shows it.
    ///   - delay: How long the broker keeps it.
    func putOff(_ id: String, eta: Timestamp, info: CeleryValue, for delay: Duration) {
        let now = MonotonicTime.now
        state.withLock { state in
            if state.putOff.count >= Self.mostPutOff { Self.shrink(&state, now) }
            state.next += 1
            let content = Entry.Content.putOff(info, until: now.advanced(by: delay))
            state.entries[state.next] = Entry(id: id, eta: eta, content: content)
            state.putOff.append(state.next)
        }
    }

    /// Those of which it is still true.
    func all(_ now: MonotonicTime = .now) -> [Entry] {
        state.withLock { state in
            Self.dropOver(&state, now)
            return Array(state.entries.values)
        }
    }

    private static func dropOver(_ state: inout State, _ now: MonotonicTime) {
        state.putOff.removeAll { number in
            guard case .putOff(_, let until) = state.entries[number]?.content, until > now else {
                state.entries[number] = nil
                return true
            }
            return false
        }
    }

    private static func shrink(_ state: inout State, _ now: MonotonicTime) {
        dropOver(&state, now)
        let surplus = state.putOff.count - mostPutOff / 2
        guard surplus > 0 else { return }
        for number in state.putOff.prefix(surplus) { state.entries[number] = nil }
        state.putOff.removeFirst(surplus)
    }
}
