import CeleryProtocol
import Connections

/// Where the states of tasks go, for everything that is not on a worker's hot path.
///
/// The states that end a run go to Redis by way of the outbox, many with one write; any other backend stores them here,
/// one by one, before the message is acknowledged.
protocol ResultBackend: Sendable {
    /// Stores a state; returns when it is safe.
    ///
    /// - Parameter message: The message of the task; nil when somebody else than its worker stores the state.
    func store(_ document: ResultDocument, for message: TaskMessage?) async throws

    /// - Throws: When the backend cannot count the parts of a chord, what Celery's would raise.
    func ensureChordsAllowed() throws(ExceptionRecord)
}

extension RedisResults: ResultBackend {
    func store(_ document: ResultDocument, for message: TaskMessage?) async throws { try await store(document) }

    func ensureChordsAllowed() {}

    /// Drops what is stored under an id (`celery/backends/base.py`, forget).
    func forget(_ id: String) async throws {
        _ = try await client.send(RedisCommand("DEL", key: commands.key(of: id)))
    }
}
