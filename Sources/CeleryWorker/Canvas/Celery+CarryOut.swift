import CeleryProtocol
import Connections

extension Celery {
    /// Does what a plan says; returns when Redis has the chords' sizes and the broker has confirmed the messages.
    ///
    /// - Parameter mayRepeat: Whether the same may have been done before, so that a worker that gets a message looks
    ///   whether its task has run.
    /// - Parameter builtinsQueue: Where Celery's own tasks (`celery.accumulate`, …) go that no route names: a worker
    ///   sends them to the queue that it consumes, since nobody may consume the default one.
    func carryOut(_ plan: CanvasPlan, mayRepeat: Bool = false, builtinsQueue: String? = nil) async throws {
        let settings = configuration.resultBackend
        if settings.isRPC, plan.hasChord { try RPCResults(self, settings).ensureChordsAllowed() }
        let now = Timestamp(microsecondsSince1970: WallClock.microseconds)
        let messages = try plan.messages.map { signature in
            try SignatureMessage(
                signature,
                celery: self,
                now: now,
                mayRepeat: mayRepeat,
                builtinsQueue: builtinsQueue
            )
        }
        let commands = redisCommands(plan)
        if let results, !commands.isEmpty { _ = try await results.client.pipeline(commands) }
        try await publish(messages.filter { $0.delay == .zero }.map { AMQPMessage($0.publication) })
        for message in messages where message.delay > .zero {
            try await publish(message.publication, delay: message.delay)
        }
    }

    private func redisCommands(_ plan: CanvasPlan) -> [RedisCommand] {
        guard let results else { return [] }
        return plan.steps.flatMap { step -> [RedisCommand] in
            switch step {
            case .publish: return []
            case .saveGroup(let group): return [results.saveCommand(group)]
            case .chordSize(let group, let size):
                return [
                    RedisCommand("DEL", key: results.chords.key(group, ".c")),
                    results.setCommand(results.chords.key(group, ".s"), Array(String(size).utf8)),
                ]
            }
        }
    }
}

extension RedisResults {
    /// `GroupResult.save` (`celery/backends/base.py` `save_group`).
    func saveCommand(_ group: ResultTuple) -> RedisCommand {
        setCommand(chords.key(group.id), JSONWriter.bytes(["result": group.celeryValue]))
    }

    /// Sets a key that lasts as long as results do.
    func setCommand(_ key: String, _ value: [UInt8]) -> RedisCommand {
        guard let expiry = commands.expiry else { return RedisCommand("SET", key: key, value) }
        return RedisCommand("SET", key: key, value, "EX", String(expiry))
    }
}
