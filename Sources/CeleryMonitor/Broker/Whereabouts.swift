import CeleryProtocol
import CeleryWorker
import Foundation

/// Where a task is that has not run, as far as anybody can tell.
struct Whereabouts: Sendable {
    struct Evidence: Sendable, Hashable {
        /// Who says so: `events`, `result store`, `workers`, `queue processing`, …
        var source: String
        var text: String
    }

    /// One line.
    var verdict: String
    var evidence: [Evidence]
}

/// What was found out about a task; `WhereaboutsRules` judge it.
struct TaskTraces: Sendable {
    /// Seconds since 1970.
    var now: Double
    var record: TaskRecord?
    /// What the result store has; nil: nothing, or it could not be asked.
    var stored: String?
    var resultProblem: String?
    var isRevoked: Bool?
    /// By worker: `active`, `reserved`, `scheduled`.
    var holders: [String: String] = [:]
    var workersProblem: String?
    /// Workers that are alive, by their events or their answers.
    var workers = 0
    /// Where it waits, if it waits.
    var queueName: String?
    var queue: QueuePicture?
    /// Messages in queues for delays, all tasks' together.
    var delayed: Int?
    /// In the dead letters of its queue: why.
    var deadReason: String?
    /// Dead letters that were looked through; nil: they could not be.
    var deadSeen: Int?
    var brokerProblem: String?
}

/// Looks for a task everywhere.
func whereabouts(of id: String, _ monitor: Monitor) async -> Whereabouts {
    var traces = TaskTraces(now: Date().timeIntervalSince1970)
    traces.record = try? await monitor.history.task(id)
    async let holders = Result.of { try await monitor.inspector.query(id, workers: monitor.workersAlive) }
    async let meta = Result.of { try await monitor.celery.result(id).meta() }
    async let revoked = try? monitor.celery.isRevoked(id)
    traces.note(holders: await holders)
    switch await meta {
    case .success(let meta): traces.stored = meta?.status.rawValue
    case .failure(let error): traces.resultProblem = "\(error)"
    }
    traces.isRevoked = await revoked ?? nil
    let known = Set(monitor.inspector.known.keys).union(monitor.fleet.workers.filter(\.isAlive).map(\.name))
    traces.workers = max(known.count, traces.holders.count)
    let broker = monitor.broker.picture
    traces.brokerProblem = broker.problem
    traces.queueName =
        traces.record?.queue
        ?? traces.record?.name.map { monitor.celery.configuration.catalogue.queue(forTask: $0).name }
    if let name = traces.queueName {
        traces.queue = broker.queues.first { $0.name == name }
        let queue = monitor.celery.configuration.catalogue.queue(named: name)
        if let letters = try? await monitor.deadLetters.snapshot(of: queue.deadLetterQueue, age: 5) {
            traces.deadSeen = letters.letters.count
            traces.deadReason = letters.letters.first { $0.taskID == id }?.reasonText
        }
    }
    let delays = broker.queues.filter { QueueNaming.isDelay($0.name) }
    traces.delayed = broker.isPartial ? nil : delays.reduce(0) { $0 &+ $1.ready }
    return WhereaboutsRules.judge(traces)
}

extension Monitor {
    /// All workers that are alive; nil when nobody has asked them of late, so that some may not be known.
    fileprivate var workersAlive: Set<String>? {
        let answered = inspector.known(age: 30).filter { $0.value.asked >= inspector.surveyed }.keys
        let heard = fleet.workers.filter(\.isAlive).map(\.name)
        guard Format.now - inspector.surveyed < 60, !(answered.isEmpty && heard.isEmpty) else { return nil }
        return Set(answered).union(heard)
    }
}

extension TaskTraces {
    fileprivate mutating func note(holders: Result<[String: String], any Error>) {
        switch holders {
        case .success(let found): self.holders = found
        case .failure(let error): workersProblem = "\(error)"
        }
    }
}

extension Result where Failure == any Error {
    fileprivate static func of(_ body: () async throws -> Success) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
