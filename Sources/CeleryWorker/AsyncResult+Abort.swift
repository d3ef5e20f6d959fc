import CeleryProtocol

extension AsyncResult {
    /// Asks the task to stop, by the state ABORTED, which it reads when it likes (`TaskContext.isAborted`,
    /// `celery/contrib/abortable.py`). A task that has succeeded keeps its result.
    public func abort() async throws {
        guard let backend = results as? any ResultBackend else { throw CeleryError.noResultBackend(id) }
        let null = [UInt8]("null".utf8)
        try await backend.store(
            ResultDocument(taskID: id, status: .aborted, result: null, children: nil),
            for: nil
        )
    }

    /// Whether somebody has asked the task to stop.
    public func isAborted() async throws -> Bool { try await state() == .aborted }

    /// Drops what is stored of the task. Celery's `forget`.
    public func forget() async throws {
        guard let redis = results as? RedisResults else { throw CeleryError.noResultBackend(id) }
        try await redis.forget(id)
    }
}

extension TaskContext {
    /// Whether somebody has asked the task to stop (`AsyncResult.abort`, Python's `AbortableAsyncResult.abort`).
    ///
    /// Each call asks the result backend: ask every second or so, not in a tight loop. A state that the task stores
    /// itself afterwards, such as PROGRESS, takes the wish's place. False without a result backend.
    public func isAborted() async throws -> Bool {
        try await core.results?.meta(of: id)?.status == .aborted
    }
}
