import CeleryProtocol
import Foundation
import GRDB
import Logging
import Synchronization

/// The events of the past in SQLite: tasks, their moments, counts by time, queue depths, the audit log.
///
/// Of several monitors on one file one writes, and another takes over when it ends; all read.
final class History: Sendable {
    /// What arguments and results look like when they are stored.
    typealias Redact = @Sendable (String) -> String
    /// The queue that a task's name is routed to, where the settings say it.
    typealias Route = @Sendable (String) -> String?

    let settings: MonitorSettings
    let database: any DatabaseWriter
    let redact: Redact
    let route: Route
    let logger: Logger
    private let lock: WriterLock
    private let state = Mutex(State())

    private struct State {
        var problem: String?
        var dropped = 0
    }

    /// Opens the file, and becomes its writer unless another process is.
    ///
    /// - Throws: `MonitorError` when it can't be used.
    init(
        _ settings: MonitorSettings,
        logger: Logger,
        redact: @escaping Redact = { $0 },
        route: @escaping Route = { _ in nil }
    ) throws {
        self.settings = settings
        self.logger = logger
        self.redact = redact
        self.route = route
        database = try HistoryFile.open(settings.history)
        lock = WriterLock(path: settings.history == ":memory:" ? nil : "\(settings.history).lock")
        try lock.take()
    }

    /// Whether this process is the one that writes.
    var isWriter: Bool { lock.isHeld }

    /// Why nothing can be written now, in words for a person; nil: all is well.
    var problem: String? { state.withLock { $0.problem } }

    /// Takes the writing over when the process that did it has ended.
    ///
    /// - Returns: Whether this process writes from now on and did not before.
    func takeOver() throws -> Bool {
        guard !lock.isHeld else { return false }
        return try lock.take()
    }

    /// Lets another process write.
    func resign() { lock.release() }

    /// Counts events that nobody will ever see.
    func drop(_ count: Int) { state.withLock { $0.dropped &+= count } }

    var dropped: Int { state.withLock { $0.dropped } }

    /// Writes, where this process is the writer; nil where it is not.
    ///
    /// - Parameter byAnybody: It is written wherever it happens, as what people do at any of several monitors.
    /// - Throws: `MonitorError` when the disk is full or broken, which `problem` then tells until it is mended.
    func write<Value: Sendable>(
        _ attempt: String,
        byAnybody: Bool = false,
        _ work: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value? {
        guard isWriter || byAnybody else { return nil }
        do {
            let value = try await database.write(work)
            let wasBroken = state.withLock { state in
                defer { state.problem = nil }
                return state.problem != nil
            }
            if wasBroken { logger.notice("the history can be written again") }
            return value
        } catch let error as DatabaseError {
            let text = "\(attempt) in the history \(settings.history): \(HistoryFile.explanation(error))"
            let isNew = state.withLock { state in
                defer { state.problem = text }
                return state.problem == nil
            }
            if isNew { logger.error("\(text)") }
            throw MonitorError(text)
        }
    }

    /// For the page about the monitor itself.
    func size() async throws -> HistorySize {
        let dropped = dropped
        return try await database.read { db in
            let tasks = try Int.fetchOne(db, sql: "SELECT value FROM facts WHERE name = 'tasks'") ?? 0
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            let oldest = try Double.fetchOne(db, sql: "SELECT timestamp FROM tasks ORDER BY number LIMIT 1")
            return HistorySize(tasks: tasks, bytes: pages * pageSize, oldest: oldest, dropped: dropped)
        }
    }
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
