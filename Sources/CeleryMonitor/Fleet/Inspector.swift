import CeleryProtocol
import CeleryWorker
import Foundation
import Logging
import Synchronization

/// Asks workers (`inspect`) when somebody looks, and remembers the answers for a moment.
///
/// Many who look at once share one question: a thousand workers are not asked by every viewer. Answers of foreign
/// workers may lack anything; what is not of the expected form counts as no answer.
final class Inspector: Sendable {
    private struct State {
        var reports: [String: WorkerReport] = [:]
        /// When a worker was last asked for everything.
        var asked: [String: Double] = [:]
        var surveyed = 0.0
        var survey: Task<Void, any Error>?
        var questions: [String: Task<Void, any Error>] = [:]
    }

    /// How long workers may take to answer; a worker that works answers within milliseconds.
    static let patience = Duration.milliseconds(1500)
    /// Answers of workers that were not heard of for so long are dropped; seconds.
    private static let memory = 900.0

    private let celery: Celery
    private let changes: ChangeHub
    private let state = Mutex(State())

    init(celery: Celery, changes: ChangeHub) {
        self.celery = celery
        self.changes = changes
    }

    /// What the worker says now; an answer of the last `age` seconds is taken instead.
    func report(_ worker: String, age: Double) async throws -> WorkerReport {
        let question = state.withLock { state -> Task<Void, any Error>? in
            if Self.now - (state.asked[worker] ?? 0) < age { return nil }
            if let running = state.questions[worker] { return running }
            let new = Task { try await self.ask(worker) }
            state.questions[worker] = new
            return new
        }
        try await question?.value
        return state.withLock { $0.reports[worker] } ?? WorkerReport(asked: Self.now)
    }

    /// The newest answers of all that have been asked; asks nobody.
    var known: [String: WorkerReport] { state.withLock { $0.reports } }

    /// When all were last asked; seconds since 1970, 0 for never.
    var surveyed: Double { state.withLock { $0.surveyed } }

    /// Asks all workers at once what they are (`stats`) and what they consume, unless that was done in the last `age`
    /// seconds.
    func survey(age: Double) async throws -> [String: WorkerReport] {
        try await surveying(age)?.value
        return known
    }

    /// As `known`; asks all in the background when their answers are older than `age` seconds, and announces what came.
    func known(age: Double) -> [String: WorkerReport] {
        _ = surveying(age)
        return known
    }

    /// What the workers have of a task: `active`, `reserved` or `scheduled`, by worker.
    ///
    /// - Parameter workers: Those that are alive, if all are known: the wait ends with the last one's answer.
    func query(_ id: String, workers: Set<String>?) async throws -> [String: String] {
        let answers = try await celery.inspect(workers?.sorted(), timeout: Self.patience).queryTask(id)
        return answers.reduce(into: [:]) { found, answer in
            // `{id: [state, info]}` (`celery/worker/control.py`, query_task).
            if let state = answer.value[id]?.arrayValue?.first?.stringValue { found[answer.key] = state }
        }
    }

    /// Forgets what was answered, after something was changed.
    func expire() {
        state.withLock { state in
            state.surveyed = 0
            state.asked = [:]
        }
    }

    // MARK: Asking

    private func surveying(_ age: Double) -> Task<Void, any Error>? {
        state.withLock { state in
            if Self.now - state.surveyed < age { return nil }
            if let running = state.survey { return running }
            let new = Task { try await self.askAll() }
            state.survey = new
            return new
        }
    }

    private func askAll() async throws {
        defer { state.withLock { $0.survey = nil } }
        let inspect = celery.inspect(timeout: Self.patience)
        async let stats = inspect.stats()
        async let queues = inspect.activeQueues()
        let answers = (stats: try await stats, queues: try await queues)
        let now = Self.now
        state.withLock { state in
            state.reports = state.reports.filter { now - $0.value.asked < Self.memory }
            for name in Set(answers.stats.keys).union(answers.queues.keys) {
                var report = state.reports[name] ?? WorkerReport(asked: now)
                report.asked = now
                report.stats = Self.map(answers.stats[name]) ?? report.stats
                report.activeQueues = Self.list(answers.queues[name]) ?? report.activeQueues
                state.reports[name] = report
            }
            state.surveyed = now
        }
        changes.announce(.workers)
    }

    private func ask(_ worker: String) async throws {
        defer { state.withLock { $0.questions[worker] = nil } }
        let inspect = celery.inspect([worker], timeout: Self.patience)
        async let stats = inspect.stats()
        async let queues = inspect.activeQueues()
        async let registered = inspect.registered()
        async let scheduled = inspect.scheduled()
        async let active = inspect.active()
        async let reserved = inspect.reserved()
        async let revoked = inspect.revoked()
        async let configuration = inspect.configuration()
        var report = WorkerReport(asked: Self.now)
        report.stats = Self.map(try await stats[worker])
        report.activeQueues = Self.list(try await queues[worker])
        report.registered = Self.list(try await registered[worker])
        report.scheduled = Self.list(try await scheduled[worker])
        report.active = Self.list(try await active[worker])
        report.reserved = Self.list(try await reserved[worker])
        report.revoked = Self.list(try await revoked[worker])
        report.configuration = Self.map(try await configuration[worker])
        state.withLock { [report] state in
            state.reports[worker] = report
            state.asked[worker] = report.asked
        }
    }

    /// A worker that does not know the command answers `{"error": …}`.
    static func map(_ value: CeleryValue?) -> CeleryMap? {
        guard let map = value?.mapValue, map["error"] == nil || map.count > 1 else { return nil }
        return map
    }

    /// Python workers answer null for an empty list of queues.
    static func list(_ value: CeleryValue?) -> [CeleryValue]? {
        switch value {
        case .array(let items): Array(items.prefix(10_000))
        case .null: []
        default: nil
        }
    }

    private static var now: Double { Date().timeIntervalSince1970 }
}

extension WorkerReport {
    /// The names of the queues that it consumes; nil when it did not say.
    var queueNames: [String]? { activeQueues?.compactMap { $0["name"]?.stringValue } }
}
