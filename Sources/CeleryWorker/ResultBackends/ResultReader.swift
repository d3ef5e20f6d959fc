public import CeleryProtocol

/// Where a sender finds out what became of a task.
public protocol ResultReader: Sendable {
    /// What is stored under the task's id; nil for nothing.
    func meta(of id: String) async throws -> ResultMeta?
    /// Waits for a final state.
    func ended(_ id: String, timeout: Duration) async throws -> ResultMeta
    /// Each state that is stored, from what is there now to a final one.
    func states(of id: String, timeout: Duration) -> AsyncThrowingStream<ResultMeta, any Error>
}
