public import CeleryProtocol
import Connections

/// What was sent as a signature, and what becomes of it: a task, or a group of them (Celery's `AsyncResult` and
/// `GroupResult`).
public struct CanvasResult: Sendable {
    /// The ids of the whole, as Celery writes them down.
    public let tuple: ResultTuple
    private let results: RedisResults?

    init(_ tuple: ResultTuple, results: RedisResults?) {
        self.tuple = tuple
        self.results = results
    }

    /// Of a chain the id of its last task, of a chord that of its body, of a group the group's.
    public var id: String { tuple.id }

    /// The members of a group, in order; nil for a task.
    public var children: [CanvasResult]? { tuple.children?.map { CanvasResult($0, results: results) } }

    /// What comes before it, the nearest first: of a chain the other tasks, of a chord its header.
    public var parents: [CanvasResult] {
        Array(sequence(first: tuple, next: \.parent).dropFirst()).map { CanvasResult($0, results: results) }
    }

    /// The result of a task by itself.
    public var task: AsyncResult<CeleryValue> { AsyncResult(id: id, results: results) }

    /// Waits for the value: of a group the list of its members' values, in their order.
    ///
    /// - Throws: `TaskFailure` when a task of it failed or was revoked, `CeleryError.timedOut`.
    public func value(timeout: Duration = .seconds(60)) async throws -> CeleryValue {
        try await value(until: .now + timeout)
    }

    /// Waits for the value and decodes it.
    public func value<Value: Decodable>(as type: Value.Type, timeout: Duration = .seconds(60)) async throws -> Value {
        try CeleryDecoder().decode(type, from: try await value(timeout: timeout))
    }

    private func value(until end: ContinuousClock.Instant) async throws -> CeleryValue {
        guard let children else { return try await task.value(timeout: max(.zero, end - .now)) }
        var values: [CeleryValue] = []
        for child in children { values.append(try await child.value(until: end)) }
        return .array(values)
    }

    /// How many tasks have succeeded, of a group with all groups in it.
    public func completedCount() async throws -> Int { try await count { $0 == .success } }

    /// Whether all tasks have ended, well or not.
    public func isReady() async throws -> Bool {
        try await count { $0.isReady } == tasks.count
    }

    /// Whether all tasks have succeeded.
    public func isSuccessful() async throws -> Bool { try await completedCount() == tasks.count }

    private func count(_ isCounted: (TaskState) -> Bool) async throws -> Int {
        var count = 0
        for task in tasks where isCounted(try await task.state()) { count += 1 }
        return count
    }

    /// The tasks of a group with those of all groups in it; a task by itself.
    public var tasks: [AsyncResult<CeleryValue>] { children?.flatMap(\.tasks) ?? [task] }

    // MARK: Keeping

    /// Keeps the ids of a group in the result backend, so that `Celery.restoreGroup` finds them. Celery's
    /// `GroupResult.save`.
    public func save() async throws {
        guard let results else { throw CeleryError.noResultBackend(id) }
        _ = try await results.client.send(results.saveCommand(tuple))
    }

    /// Drops the saved ids, not the results. Celery's `GroupResult.delete`.
    public func deleteSaved() async throws {
        guard let results else { throw CeleryError.noResultBackend(id) }
        _ = try await results.client.send(RedisCommand("DEL", key: results.chords.key(id)))
    }

    /// Drops the stored results of all its tasks and of what came before them.
    public func forget() async throws {
        for task in tasks { try await task.forget() }
        for parent in parents {
            for task in parent.tasks { try await task.forget() }
        }
    }
}

extension RedisResults {
    func savedGroup(_ id: String) async throws -> ResultTuple? {
        guard let bytes = try await client.send(RedisCommand("GET", key: chords.key(id))).bytes else { return nil }
        return try JSONParser.parse(bytes)["result"].flatMap { ResultTuple(celeryValue: $0) }
    }
}
