public import CeleryProtocol

/// A task that was sent, and what becomes of it. Celery's `AsyncResult`.
public struct AsyncResult<Output: Sendable>: Sendable {
    public let id: String
    let results: (any ResultReader)?

    init(id: String, results: (any ResultReader)?) {
        self.id = id
        self.results = results
    }

    /// What is stored now; nil while nothing is (Celery calls that PENDING).
    public func meta() async throws -> ResultMeta? {
        guard let results else { throw CeleryError.noResultBackend(id) }
        return try await results.meta(of: id)
    }

    /// The state now; PENDING when nothing is stored, which may also mean that no such task was ever sent.
    public func state() async throws -> TaskState { try await meta()?.status ?? .pending }

    /// Waits until the task has ended and returns what it stored.
    ///
    /// - Throws: `CeleryError.timedOut` when that takes longer than `timeout`.
    public func ended(timeout: Duration = .seconds(60)) async throws -> ResultMeta {
        guard let results else { throw CeleryError.noResultBackend(id) }
        return try await results.ended(id, timeout: timeout)
    }

    /// Calls `body` with each state that is stored from now on, until the task has ended.
    public func forEachState(timeout: Duration, _ body: (ResultMeta) async throws -> Void) async throws {
        guard let results else { throw CeleryError.noResultBackend(id) }
        for try await meta in results.states(of: id, timeout: timeout) { try await body(meta) }
    }
}

extension AsyncResult where Output: Decodable {
    /// Waits for the task's value.
    ///
    /// - Throws: `TaskFailure` when the task failed or was revoked, `CeleryError.timedOut`, or a decoding error.
    public func value(timeout: Duration = .seconds(60)) async throws -> Output {
        let meta = try await ended(timeout: timeout)
        try TaskFailure.check(meta, id: id)
        return try CeleryDecoder().decode(Output.self, from: meta.result)
    }
}

extension AsyncResult where Output == Void {
    /// Waits until the task has succeeded.
    public func value(timeout: Duration = .seconds(60)) async throws {
        try TaskFailure.check(try await ended(timeout: timeout), id: id)
    }
}

extension AsyncResult where Output == CeleryValue {
    /// Waits for the task's value as it is on the wire.
    public func value(timeout: Duration = .seconds(60)) async throws -> CeleryValue {
        let meta = try await ended(timeout: timeout)
        try TaskFailure.check(meta, id: id)
        return meta.result
    }
}

/// The failure of a task, as its caller sees it.
public struct TaskFailure: Error, Sendable, CustomStringConvertible {
    public var id: String
    public var state: TaskState
    public var exception: ExceptionRecord?
    public var traceback: String?

    public var description: String {
        let what = exception?.pythonRepr ?? "no exception stored"
        return "task \(id) ended as \(state.rawValue): \(what)"
    }

    static func check(_ meta: ResultMeta, id: String) throws(TaskFailure) {
        guard meta.status != .success else { return }
        throw TaskFailure(
            id: id,
            state: meta.status,
            exception: ExceptionRecord(meta.result),
            traceback: meta.traceback
        )
    }
}
