public import CeleryProtocol
import Connections
public import OrderedCollections
import Synchronization

extension TaskContext {
    /// Sends a signature of any kind as a child of this task: its messages carry this one's root and id, and it appears
    /// among its `children`.
    ///
    /// - Throws: as `Celery.send`.
    @discardableResult
    public func send(
        _ signature: Signature,
        args: [CeleryValue] = [],
        kwargs: CeleryMap = [:]
    ) async throws -> CanvasResult {
        var canvas = Canvas(parentID: id, rootID: message.rootID ?? id, makeID: TaskID.make)
        canvas.replyTo = core.celery.replyTo
        let plan = try canvas.apply(signature, args: args, kwargs: kwargs)
        try await core.celery.carryOut(plan)
        run.state.withLock { $0.children += plan.children.map(\.celeryValue) }
        return CanvasResult(plan.result, results: core.results)
    }

    /// Adds a task to the header of the chord that this task is part of: the body waits for it too. Celery's
    /// `Task.add_to_chord`.
    ///
    /// - Throws: ValueError when this task is in no chord, and as `Celery.send`.
    @discardableResult
    public func addToChord(_ signature: Signature) async throws -> CanvasResult {
        guard let body = try message.body.embed.chord, let group = message.group else {
            throw ExceptionRecord.valueError("Current task is not member of any chord")
        }
        guard let results = core.results else { throw CeleryError.noResultBackend(id) }
        let part = signature.set([
            "task_id": signature.options["task_id"] ?? .string(TaskID.make()),
            "group_id": .string(group),
            "group_index": message.groupIndex.map(CeleryValue.int) ?? .null,
            "chord": body.celeryValue,
            "root_id": .string(message.rootID ?? id),
        ])
        _ = try await results.client.send(RedisCommand("INCRBY", key: results.chords.key(group, ".t"), "1"))
        return try await send(part)
    }
}
