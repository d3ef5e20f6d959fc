import CeleryProtocol
import Connections
import Logging
import Synchronization

/// Runs that were given up (hard time limit, termination) although their bodies go on: a thread cannot be killed.
final class StuckRuns: Sendable {
    struct Entry: Sendable, Hashable {
        var id: String
        var task: String
        /// When it was settled, in nanoseconds of `MonotonicTime`.
        var since: Int64
    }

    private struct Record {
        var entry: Entry
        /// Whether anybody was told that it goes on.
        var isReported = false
    }

    /// How long a body may go on before somebody is told.
    private static let patience = Duration.seconds(10)

    private let records = Mutex<[ObjectIdentifier: Record]>([:])
    /// Whether there are any: asked after every run.
    private let count = Atomic<Int>(0)
    private let reported = Atomic<Int>(0)
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    /// Those that have not ended yet, the longest first.
    var all: [Entry] { records.withLock { $0.values.map(\.entry) }.sorted { $0.since < $1.since } }

    /// How many went on for 10 seconds and more, since the worker began.
    var total: Int { reported.load(ordering: .relaxed) }

    /// A run was settled and has not ended.
    func add(_ run: TaskRun) {
        let entry = Entry(id: run.message.id, task: run.message.name, since: MonotonicTime.now.nanoseconds)
        records.withLock { $0[ObjectIdentifier(run)] = Record(entry: entry) }
        count.add(1, ordering: .relaxed)
        // It holds the run, so that nobody else gets its identity.
        Task {
            try? await Task.sleep(for: Self.patience)
            report(run)
        }
    }

    /// The body has come to its end.
    func ended(_ run: TaskRun) {
        guard count.load(ordering: .relaxed) > 0 else { return }
        guard let record = records.withLock({ $0.removeValue(forKey: ObjectIdentifier(run)) }) else { return }
        count.subtract(1, ordering: .relaxed)
        guard record.isReported else { return }
        let late = Duration.nanoseconds(MonotonicTime.now.nanoseconds - record.entry.since)
        logger.warning(
            "Task \(run.message.label) ended \(Int(late.secondsValue)) s after it was given up; its thread is free again"
        )
    }

    private func report(_ run: TaskRun) {
        let isStuck = records.withLock { records in
            guard records[ObjectIdentifier(run)] != nil else { return false }
            records[ObjectIdentifier(run)]?.isReported = true
            return true
        }
        guard isStuck else { return }
        reported.add(1, ordering: .relaxed)
        logger.error(
            "Task \(run.message.label) is stuck: it goes on \(Self.patience.secondsText) s after it was given up and holds a thread; let it ask context.isCancelled, or run it with pool: processes"
        )
    }
}
