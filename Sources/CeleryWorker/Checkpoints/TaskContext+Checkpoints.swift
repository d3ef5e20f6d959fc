import CeleryProtocol
import Connections
import Synchronization

extension TaskContext {
    /// Keeps how far the task has come, so that a later start of it can go on from there: after a retry, after the
    /// death of its worker, or on another one. The last one counts; it is dropped when the task succeeds.
    ///
    /// Kept in Redis for `worker.checkpoint_expires`, beside the result, compressed where that makes it smaller. Returns
    /// when it is stored.
    ///
    /// - Throws: `CheckpointError`: too large (`worker.checkpoint_limit`), no Redis, or superseded, when the task was
    ///   started again meanwhile and this run no longer counts. What Redis says when it does not answer.
    public func checkpoint(_ value: some Encodable & Sendable) async throws {
        try await checkpoint(bytes: try CeleryEncoder().json(value))
    }

    /// What this task has last kept by `checkpoint(_:)`, in this start or an earlier one; nil when there is nothing.
    ///
    /// From here on what earlier starts write is refused.
    ///
    /// - Throws: `CheckpointError`, also for one that is no `Value`; what Redis says when it does not answer.
    public func lastCheckpoint<Value: Decodable>(as type: Value.Type) async throws -> Value? {
        guard let bytes = try await lastCheckpointBytes() else { return nil }
        do {
            return try CeleryDecoder().decode(type, json: bytes)
        } catch {
            throw CheckpointError.unreadable("it is no \(type): \(error)")
        }
    }

    /// As `checkpoint(_:)`, for bytes of any kind.
    public func checkpoint(bytes: [UInt8]) async throws {
        run.hasCheckpoint.store(true, ordering: .relaxed)
        do {
            try await checkpoints().write(bytes, of: id, by: checkpointWriter)
        } catch CheckpointError.superseded {
            core.loseLease(run)
            throw CheckpointError.superseded
        }
    }

    /// As `lastCheckpoint(as:)`, for bytes of any kind.
    public func lastCheckpointBytes() async throws -> [UInt8]? {
        let bytes: [UInt8]?
        do {
            bytes = try await checkpoints().read(of: id, by: checkpointWriter)
        } catch CheckpointError.superseded {
            core.loseLease(run)
            throw CheckpointError.superseded
        }
        run.hasCheckpoint.store(true, ordering: .relaxed)
        return bytes
    }

    /// Bytes of the largest checkpoint.
    package var checkpointLimit: Int { core.configuration.worker.checkpointLimit }
    /// How long a checkpoint is kept.
    package var checkpointLifetime: Duration { core.configuration.worker.checkpointExpires }

    private func checkpoints() throws(CheckpointError) -> CheckpointStore {
        guard let checkpoints = core.checkpoints else {
            throw .notAvailable("they need Redis as the result backend; set result_backend.url")
        }
        guard PoolMembership.current == nil else {
            throw .notAvailable("tasks with pool: processes have none; let the task run on the worker's threads")
        }
        return checkpoints
    }

    /// A later try comes after all starts of the one before it.
    private var checkpointWriter: CheckpointStore.Writer {
        if let hold = run.delivery.hold, hold.fence > 0 {
            return CheckpointStore.Writer(fence: hold.fence, leaseKey: core.leases?.key(hold.taskID, hold.retries))
        }
        let starts = run.state.withLock { $0.starts }
        return CheckpointStore.Writer(fence: run.message.retries * 1_000_000 + starts, leaseKey: nil)
    }
}

extension WorkerCore {
    var checkpoints: CheckpointStore? {
        results.map { results in
            CheckpointStore(
                client: results.client,
                results: results.commands,
                expires: configuration.worker.checkpointExpires,
                limit: configuration.worker.checkpointLimit
            )
        }
    }

    /// A task that has succeeded needs no checkpoint any more.
    func dropCheckpoint(of run: TaskRun) {
        guard run.hasCheckpoint.load(ordering: .relaxed), let checkpoints else { return }
        Task { try? await checkpoints.drop(run.message.id) }
    }
}
