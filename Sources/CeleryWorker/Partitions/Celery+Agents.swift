extension Celery {
    /// Sends a task of an agent, to run after the agent's earlier ones; see ``SendOptions/agentID``.
    ///
    /// - Throws: `AMQPError` when the message was not accepted; `CeleryError.noAgent` when nothing is partitioned.
    @discardableResult
    public func send<T: CeleryTask>(_ task: T, agent: String) async throws -> AsyncResult<T.Output> {
        try await send(task, SendOptions(agent: agent))
    }
}

extension TaskContext {
    /// Sends a task of an agent as a child of this one.
    @discardableResult
    public func send<T: CeleryTask>(_ task: T, agent: String) async throws -> AsyncResult<T.Output> {
        try await send(task, SendOptions(agent: agent))
    }
}
