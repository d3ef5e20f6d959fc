import CeleryWorker

extension Monitor {
    /// A result that is larger is not read: it would have to be held, parsed and written for everybody who looks.
    private static var mostBytes: Int { 8 << 20 }

    /// What the result backend has of a task.
    ///
    /// - Throws: `MonitorError` when it is too large.
    func storedResult(_ id: String) async throws -> ResultMeta? {
        let size = try await celery.resultSize(id)
        guard size <= Self.mostBytes else {
            throw MonitorError(
                "The stored result has \(Format.bytes(size)), more than the monitor reads; chard result shows it."
            )
        }
        return try await celery.result(id).meta()
    }
}
