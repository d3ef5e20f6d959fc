import CeleryProtocol
import Connections
import OrderedCollections

/// Thrown by a task in whose place another shall run; made by `TaskContext.replace(with:)`.
public struct TaskReplaced: Error {
    let signature: Signature
}

extension TaskContext {
    /// Lets a task, chain, group or chord take this one's place: whoever waits for this task gets its result. Throw what
    /// it returns. Celery's `Task.replace`.
    public func replace(with signature: Signature) -> TaskReplaced { TaskReplaced(signature: signature) }
}

extension Celery {
    /// Does what a plan says; returns when Redis has the chords' sizes and the broker has confirmed the messages.
    ///
    /// - Parameter mayRepeat: Whether the same may have been done before, so that a worker that gets a message looks
    ///   whether its task has run.
    func carryOut(_ plan: CanvasPlan, mayRepeat: Bool = false) async throws {
        let settings = configuration.resultBackend
        if settings.isRPC, plan.hasChord { try RPCResults(self, settings).ensureChordsAllowed() }
        var commands: [RedisCommand] = []
        var messages: [AMQPMessage] = []
        let now = Timestamp(microsecondsSince1970: WallClock.microseconds)
        for step in plan.steps {
            switch step {
            case .chordSize(let group, let size):
                guard let results else { continue }
                commands.append(RedisCommand("DEL", key: results.chords.key(group, ".c")))
                commands.append(RedisCommand("SET", key: results.chords.key(group, ".s"), String(size), "EX", "86400"))
            case .saveGroup(let group):
                guard let results else { continue }
                let saved = JSONWriter.bytes(["result": group.celeryValue])
                commands.append(RedisCommand("SET", key: results.chords.key(group.id), saved, "EX", "86400"))
            case .publish(let signature):
                let id = signature.options["task_id"]?.stringValue ?? TaskID.make()
                var draft = try TaskMessage.Draft(
                    signature,
                    id: id,
                    origin: "gen\(processID)@\(Hostname.full)",
                    now: now
                )
                if mayRepeat { draft.headers[TaskMessage.againHeader] = true }
                let route = signature.options["route_name"]?.stringValue ?? signature.task
                let queue =
                    signature.options["queue"]?.stringValue ?? configuration.catalogue.queue(forTask: route).name
                messages.append(AMQPMessage(try draft.publication(routingKey: queue, now: now)))
            }
        }
        if let results, !commands.isEmpty { _ = try await results.client.pipeline(commands) }
        try await publish(messages)
    }
}
