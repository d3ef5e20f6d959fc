import CeleryProtocol
import GRDB
import Logging

/// The events of the past in SQLite: tasks, their moments, counts by time, queue depths, the audit log.
///
/// Of several monitors on one file one writes, and another takes over when it ends; all read.
final class History: Sendable {
    init(_ settings: MonitorSettings, logger: Logger) throws {}

    /// Whether this process is the one that writes.
    var isWriter: Bool { true }

    // MARK: Writing

    /// Adds events as they came; returns when they are on disk. Ignored where another process writes.
    func add(_ events: [CeleryMap]) async throws {}

    func add(_ samples: [QueueSample]) async throws {}

    func add(_ entry: AuditEntry) async throws {}

    // MARK: Reading

    /// - Parameters:
    ///   - after: `TaskPage.next` of the page before.
    func tasks(_ filter: TaskFilter, after: String?, limit: Int) async throws -> TaskPage {
        TaskPage(tasks: [], next: nil, total: 0)
    }

    func task(_ id: String) async throws -> TaskRecord? { nil }

    /// What happened to a task, in order.
    func moments(_ id: String) async throws -> [TaskMoment] { [] }

    /// All tasks of one root, the root among them; the oldest first.
    func workflow(_ root: String, limit: Int) async throws -> [TaskRecord] { [] }

    /// The newest roots that have more than one task: root's record (or that of its oldest task), tasks, and how many
    /// are in each state.
    func workflows(after: String?, limit: Int) async throws -> (rows: [WorkflowRow], next: String?) { ([], nil) }

    /// Names of all tasks in the history, sorted.
    func taskNames() async throws -> [String] { [] }

    /// The values of a column (`worker`, `queue`, `tenant`) that are there, sorted, at most a thousand.
    func values(of column: String) async throws -> [String] { [] }

    /// Buckets without gaps, oldest first.
    func series(
        from: Double,
        to: Double,
        step: Double,
        _ filter: SeriesFilter = SeriesFilter()
    ) async throws
        -> [SeriesBucket]
    { [] }

    /// Of one queue or of all, oldest first, at most one sample per step and queue.
    func depths(from: Double, to: Double, step: Double, queue: String?) async throws -> [QueueSample] { [] }

    /// Since the history begins.
    func counts() async throws -> [String: EventCounts] { [:] }

    /// The newest first.
    func audit(before: Double?, limit: Int) async throws -> [AuditEntry] { [] }

    /// For the page about the monitor itself.
    func size() async throws -> HistorySize { HistorySize(tasks: 0, bytes: 0, oldest: nil, dropped: 0) }
}

struct WorkflowRow: Sendable {
    var root: TaskRecord
    var tasks: Int
    var states: [String: Int]
}

struct HistorySize: Sendable {
    var tasks: Int
    /// On disk.
    var bytes: Int
    /// Of the oldest task's newest event; seconds since 1970.
    var oldest: Double?
    /// Events that came faster than they could be written, since this process began.
    var dropped: Int
}
