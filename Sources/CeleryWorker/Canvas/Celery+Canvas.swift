public import CeleryProtocol
public import OrderedCollections

extension Celery {
    /// Sends a signature of any kind: a task, chain, group, chord or map; returns when the broker has confirmed all
    /// messages of it that are sent now.
    ///
    /// - Parameters:
    ///   - args: Go before its own positional arguments, unless it is immutable.
    ///   - kwargs: Are added to its keyword arguments, unless it is immutable.
    /// - Throws: `CanvasError` for a signature that cannot be applied, `AMQPError` when a message was not accepted, and
    ///   what an option's value is wrong about.
    @discardableResult
    public func send(
        _ signature: Signature,
        args: [CeleryValue] = [],
        kwargs: CeleryMap = [:]
    ) async throws -> CanvasResult {
        var canvas = Canvas(makeID: TaskID.make)
        canvas.replyTo = replyTo
        let plan = try canvas.apply(signature, args: args, kwargs: kwargs)
        try await carryOut(plan)
        return CanvasResult(plan.result, results: results)
    }

    /// A group's result that was saved, by whoever sent it; nil if there is none of that id. Celery's
    /// `GroupResult.restore`.
    ///
    /// - Throws: `CeleryError.noResultBackend` without Redis, or what it answers.
    public func restoreGroup(_ id: String) async throws -> CanvasResult? {
        guard let results else { throw CeleryError.noResultBackend(id) }
        return try await results.savedGroup(id).map { CanvasResult($0, results: results) }
    }
}
