import CeleryProtocol
import Foundation
import OrderedCollections
import Synchronization

/// The workers, as their events show them (`celery/events/state.py` Worker). Fed by `EventFeed`; read by anybody.
///
/// Those that are long dead are forgotten, and there are never more than a few thousand, so that pods with random names
/// do not pile up (https://github.com/mher/flower/issues/1128).
final class Fleet: Sendable {
    /// As many as Celery keeps (`State.max_workers_in_memory`).
    static let maxWorkers = 5000

    /// What became of a worker that has tasks.
    enum Change: Sendable, Hashable {
        /// It said goodbye, or nobody hears of it.
        case gone
        /// Another process has its name since then; seconds since 1970.
        case restarted(Double)
        /// It is heard of again, and is the same process.
        case back
        /// It runs nothing at that time.
        case idle(Double)
    }

    private struct State {
        var members: [String: FleetMember] = [:]
        /// Since when events can't be heard, so that silence says nothing.
        var deafSince: Double?
        var changes: [(worker: String, change: Change)] = []
        var touched: Set<String> = []
        var forgotten: [String] = []
    }

    private let state = Mutex(State())
    private let clock: @Sendable () -> Double

    init(clock: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }) { self.clock = clock }

    // MARK: Reading

    /// Sorted by name.
    var workers: [WorkerStatus] {
        let now = clock()
        return state.withLock { state in
            state.members.values.map { $0.status(at: state.deafSince ?? now) }
        }.sorted { $0.name < $1.name }
    }

    func worker(_ name: String) -> WorkerStatus? {
        let now = clock()
        return state.withLock { state in state.members[name]?.status(at: state.deafSince ?? now) }
    }

    /// Forgets one that is not alive.
    func forget(_ name: String) {
        let now = clock()
        state.withLock { state in
            guard let member = state.members[name], !member.isAlive(at: state.deafSince ?? now) else { return }
            state.members[name] = nil
            state.forgotten.append(name)
        }
    }

    // MARK: Feeding

    /// What was known before this process began; none of them is alive until it is heard of.
    func restore(_ entries: [WorkerTable.Entry]) {
        state.withLock { state in
            for entry in entries where state.members[entry.name] == nil {
                state.members[entry.name] = FleetMember(entry)
            }
        }
    }

    /// Takes in what the events tell of workers.
    func hear(_ events: [CeleryMap], now: Double) {
        state.withLock { state in
            for event in events {
                guard let type = event["type"]?.stringValue, let name = event["hostname"]?.stringValue,
                    !name.isEmpty, name.utf8.count <= 255, type != "task-sent"
                else { continue }
                let isWorkerEvent = type.hasPrefix("worker-")
                guard isWorkerEvent || type.hasPrefix("task-") else { continue }
                var member = state.members[name] ?? FleetMember(name: name)
                let change = member.hear(type, event, now: now, isWorkerEvent: isWorkerEvent)
                state.members[name] = member
                state.touched.insert(name)
                if let change { state.changes.append((name, change)) }
            }
            shrink(&state)
        }
    }

    /// Adds what was new in a batch to the counts.
    func count(_ counts: [String: EventCounts]) {
        state.withLock { state in
            for (name, more) in counts { state.members[name]?.counts.add(more) }
        }
    }

    /// Puts the counts in the place of those here: another process counts.
    func recount(_ counts: [String: EventCounts]) {
        state.withLock { state in
            for (name, counts) in counts { state.members[name]?.counts = counts }
        }
    }

    /// Until `listen` is called, nobody dies of silence.
    func deafen() {
        let now = clock()
        state.withLock { $0.deafSince = $0.deafSince ?? now }
    }

    func listen() {
        let now = clock()
        state.withLock { state in
            guard let since = state.deafSince else { return }
            state.deafSince = nil
            for name in state.members.keys where state.members[name]?.isAlive(at: since) == true {
                state.members[name]?.expectedSince = now
            }
        }
    }

    // MARK: Watching

    /// What has changed since the last time, those among it of whom nothing is heard any more.
    func changes() -> [(worker: String, change: Change)] {
        let now = clock()
        return state.withLock { state in
            for name in state.members.keys where state.members[name]?.dies(at: state.deafSince ?? now) == true {
                state.changes.append((name, .gone))
            }
            defer { state.changes = [] }
            return state.changes
        }
    }

    /// Those that were heard of since the last time, to be written down.
    func touched() -> [WorkerTable.Entry] {
        state.withLock { state in
            defer { state.touched = [] }
            return state.touched.compactMap { state.members[$0]?.entry }
        }
    }

    /// Forgets those of whom nothing was heard for so long.
    ///
    /// - Parameter age: Seconds.
    /// - Returns: All that were forgotten since the last time, in whatever way.
    func forget(silentFor age: Double) -> [String] {
        let now = clock()
        return state.withLock { state in
            for (name, member) in state.members
            where now - member.lastHeard > age && !member.isAlive(at: state.deafSince ?? now) {
                state.members[name] = nil
                state.forgotten.append(name)
            }
            defer { state.forgotten = [] }
            return state.forgotten
        }
    }

    /// Lets those go of whom nothing was heard for longest, some at once, since looking for them is not free.
    private func shrink(_ state: inout State) {
        guard state.members.count > Self.maxWorkers else { return }
        let surplus = state.members.count - Self.maxWorkers + Self.maxWorkers / 50
        for member in state.members.values.sorted(by: { $0.lastHeard < $1.lastHeard }).prefix(surplus) {
            state.members[member.name] = nil
            state.forgotten.append(member.name)
        }
    }
}

extension EventCounts {
    mutating func add(_ other: EventCounts) {
        received += other.received
        started += other.started
        succeeded += other.succeeded
        failed += other.failed
        retried += other.retried
        revoked += other.revoked
        rejected += other.rejected
    }
}
