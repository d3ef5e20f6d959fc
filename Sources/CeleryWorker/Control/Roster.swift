import Connections
import Synchronization

/// Which other workers this one has heard of, by their heartbeats; kept by ``Gossip``, asked from everywhere.
package final class Roster: Sendable {
    /// What is known of one other worker.
    package struct Member: Sendable, Hashable {
        package var node: String
        /// When it was last heard.
        package var heard: MonotonicTime
        /// After this time without a word it is taken for lost (`celery/events/state.py`: twice its interval).
        var expires: MonotonicTime
        /// It has missed its heartbeats.
        package var isLost = false
    }

    /// Names come from the wire: their number is bounded.
    private static let maxMembers = 10_000
    /// A worker that was lost is remembered for an hour.
    private static let memory = Duration.seconds(3_600)

    private let state = Mutex<[String: Member]>([:])

    /// All that have been heard and have not said good-bye, those that were lost among them; by name.
    package var members: [Member] { state.withLock { $0.values.sorted { $0.node < $1.node } } }

    /// - Parameter interval: Seconds between two heartbeats, as the node says, within reason.
    /// - Returns: Whether it is new, or was lost.
    func heard(_ node: String, interval: Double, at now: MonotonicTime = .now) -> Bool {
        let seconds = interval.isNaN ? 60 : min(max(interval, 0.1), 86_400)
        let member = Member(node: node, heard: now, expires: now.advanced(by: .seconds(seconds * 2)))
        return state.withLock { members in
            guard members.count < Self.maxMembers || members[node] != nil else { return false }
            return members.updateValue(member, forKey: node)?.isLost ?? true
        }
    }

    /// It has said good-bye.
    ///
    /// - Returns: Whether it was there.
    func left(_ node: String) -> Bool {
        state.withLock { $0.removeValue(forKey: node).map { !$0.isLost } ?? false }
    }

    /// Those that have missed their heartbeats since the last call.
    func newlyLost(at now: MonotonicTime) -> [String] {
        state.withLock { members in
            let forgotten = members.values.filter { $0.isLost && $0.heard.advanced(by: Self.memory) < now }
            for member in forgotten { members[member.node] = nil }
            let lost = members.values.filter { !$0.isLost && $0.expires < now }.map(\.node)
            for node in lost { members[node]?.isLost = true }
            return lost
        }
    }
}

extension TaskContext {
    /// The other workers that this one has heard of; empty when it does not listen (`--without-gossip`).
    package var roster: [Roster.Member] { core.roster.members }
}
