import CeleryProtocol
import Foundation
import Synchronization

/// Counts events for `/metrics`: by worker, task and type, with the times that tasks ran.
///
/// Bounded: at most `maxSeries` pairs of worker and task and `maxTasks` names. What is beyond is counted under
/// `(other)`, so that sums stay right. Counters never go down while the process lives; those of a worker that has been
/// silent for long disappear as a whole (flower#1128).
final class EventMetrics: Sendable {
    static let other = "(other)"
    static let workerTypes: Set<String> = ["worker-online", "worker-heartbeat", "worker-offline"]

    struct State: Sendable {
        var workers: [String: WorkerSeries] = [:]
        var series = 0
        var tasks: Set<String> = []
        /// All events, of workers too, of this and earlier processes.
        var events = 0
        /// Pairs that were counted since they were last stored.
        var unsaved: [String: Set<String>] = [:]
        /// Workers to be struck from what is stored.
        var removed: Set<String> = []
    }

    private let state = Mutex(State())
    private let maxSeries: Int
    private let maxTasks: Int
    private let now: @Sendable () -> Double

    init(
        maxSeries: Int = 10_000,
        maxTasks: Int = 1000,
        now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
    ) {
        self.maxSeries = maxSeries
        self.maxTasks = maxTasks
        self.now = now
    }

    /// As it is now; what is counted meanwhile does not change it.
    var snapshot: State { state.withLock { $0 } }

    func count(_ events: [NamedEvent]) {
        let now = now()
        state.withLock { state in
            for event in events {
                state.events += 1
                count(event, now, &state)
            }
        }
    }

    private func count(_ event: NamedEvent, _ now: Double, _ state: inout State) {
        let worker = worker(event.hostname, state)
        guard event.type.hasPrefix("task-") else {
            // A hostile type must not become a label.
            guard Self.workerTypes.contains(event.type) else { return }
            state.workers[worker, default: WorkerSeries(worker)].lastHeard = now
            return
        }
        let task = task(event.name ?? "", &state)
        let isNew = state.workers[worker]?.tasks[task] == nil
        let name = isNew && state.series >= maxSeries ? Self.other : worker
        if state.workers[name]?.tasks[task] == nil { state.series += 1 }
        state.workers[name, default: WorkerSeries(name)].count(event, task: task, now)
        state.unsaved[name, default: []].insert(task)
    }

    private func worker(_ name: String, _ state: State) -> String {
        let name = PrometheusText.bounded(name)
        return state.workers[name] != nil || state.workers.count < maxSeries ? name : Self.other
    }

    private func task(_ name: String, _ state: inout State) -> String {
        let name = PrometheusText.bounded(name)
        if state.tasks.contains(name) { return name }
        guard state.tasks.count < maxTasks else { return Self.other }
        state.tasks.insert(name)
        return name
    }

    /// Drops workers that have not been heard of for so many seconds, unless `isAlive` says that they live.
    func forget(silentFor limit: Double, isAlive: (String) -> Bool) {
        let now = now()
        state.withLock { state in
            for (name, worker) in state.workers
            where name != Self.other && now - worker.lastHeard > limit && !isAlive(name) {
                state.workers[name] = nil
                state.series -= worker.tasks.count
                state.unsaved[name] = nil
                state.removed.insert(name)
            }
        }
    }

    // MARK: Storing

    /// What has to be stored since the last call.
    func takeUnsaved() -> MetricChanges {
        state.withLock { state in
            var changes = MetricChanges(removed: state.removed, events: state.events)
            for (worker, tasks) in state.unsaved {
                for task in tasks {
                    guard let series = state.workers[worker]?.tasks[task] else { continue }
                    changes.rows.append(MetricRow(worker: worker, task: task, series))
                }
            }
            state.unsaved = [:]
            state.removed = []
            return changes
        }
    }

    /// What could not be stored is stored with what comes next.
    func keepUnsaved(_ changes: MetricChanges) {
        state.withLock { state in
            for row in changes.rows { state.unsaved[row.worker, default: []].insert(row.task) }
            state.removed.formUnion(changes.removed)
        }
    }

    /// Begins where an earlier process ended; what was counted meanwhile comes on top.
    func restore(_ rows: [MetricRow], events: Int) {
        let now = now()
        state.withLock { state in
            state.events += events
            for row in rows {
                let (worker, task) = (row.worker, self.task(row.task, &state))
                if state.workers[worker]?.tasks[task] == nil { state.series += 1 }
                state.workers[worker, default: WorkerSeries(worker)].add(row, task: task, now)
            }
        }
    }
}

/// What is counted of one worker, or of a client that sends.
struct WorkerSeries: Sendable {
    let name: String
    var tasks: [String: TaskSeries] = [:]
    /// Seconds since 1970.
    var lastHeard = 0.0

    init(_ name: String) { self.name = name }

    mutating func count(_ event: NamedEvent, task: String, _ now: Double) {
        lastHeard = now
        tasks[task, default: TaskSeries(worker: name, task: task)].count(event)
    }

    mutating func add(_ row: MetricRow, task: String, _ now: Double) {
        lastHeard = now
        tasks[task, default: TaskSeries(worker: name, task: task)].add(row)
    }
}
