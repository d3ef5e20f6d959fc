import CeleryProtocol
import Connections
import Synchronization

/// Celery's Redis result backend, for everything that is not on a worker's hot path.
final class RedisResults: ResultReader {
    let commands: RedisResultCommands
    let chords: ChordCommands
    let client: RedisClient
    private let subscriber = Mutex<RedisSubscriber?>(nil)
    private let url: RedisURL

    init(_ settings: ResultBackendSettings, url: RedisURL) {
        self.url = url
        commands = RedisResultCommands(keyPrefix: settings.keyPrefix, expires: settings.expires)
        chords = ChordCommands(
            keyPrefix: commands.prefix,
            expires: commands.expiry,
            isOrdered: settings.chordOrdered
        )
        var options = RedisClientOptions(timeout: settings.timeout)
        options.connection.clientName = "chard"
        options.connection.scripts =
            [RedisResultCommands.storeScript, RedisResultCommands.startScript] + ChordCommands.scripts
            + LeaseScripts.all + CheckpointScripts.all
        client = RedisClient(url: url, options: options)
    }

    /// Stores a state unless a SUCCESS is there; returns when it is stored.
    func store(_ document: ResultDocument) async throws {
        var stamp = DateStamp()
        let bytes = document.bytes(now: WallClock.microseconds, stamp: &stamp)
        _ = try await client.evaluate(
            RedisResultCommands.storeScript,
            keys: [commands.key(of: document.taskID)],
            arguments: [bytes, String(commands.expiry ?? 0)]
        )
    }

    /// Counts a start of a message that was delivered before; see `RedisResultCommands.startScript`.
    func countStart(id: String, retries: Int) async throws -> Int {
        let reply = try await client.evaluate(
            RedisResultCommands.startScript,
            keys: [
                commands.key(of: id), commands.startsKey(id: id, retries: retries),
                commands.retriedKey(id: id, retries: retries),
            ],
            arguments: ["86400"]
        )
        return reply.integer ?? 1
    }

    func markRetried(id: String, retries: Int) async throws {
        _ = try await client.send(
            RedisCommand("SETEX", key: commands.retriedKey(id: id, retries: retries), "3600", "1")
        )
    }

    func meta(of id: String) async throws -> ResultMeta? {
        guard let bytes = try await client.send(RedisCommand("GET", key: commands.key(of: id))).bytes else {
            return nil
        }
        return try ResultMeta(json: bytes)
    }

    /// Bytes that are stored under the task's id; 0 for nothing.
    func size(of id: String) async throws -> Int {
        try await client.send(RedisCommand("STRLEN", key: commands.key(of: id))).integer ?? 0
    }

    func ended(_ id: String, timeout: Duration) async throws -> ResultMeta {
        for try await meta in states(of: id, timeout: timeout) where meta.status.isReady { return meta }
        throw CeleryError.timedOut("waiting for task \(id)")
    }

    func states(of id: String, timeout: Duration) -> AsyncThrowingStream<ResultMeta, any Error> {
        let (stream, continuation) = AsyncThrowingStream<ResultMeta, any Error>.makeStream()
        let following = Task {
            do {
                try await withTimeout(timeout, "waiting for task \(id)") { try await self.follow(id, continuation) }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        continuation.onTermination = { _ in following.cancel() }
        return stream
    }

    /// Subscribes before it reads, so that no state falls between the two.
    private func follow(
        _ id: String,
        _ continuation: AsyncThrowingStream<ResultMeta, any Error>.Continuation
    ) async throws {
        let subscription = try await listener().subscribe(commands.key(of: id))
        defer { subscription.cancel() }
        if try await yieldStored(id, continuation) { return }
        for await event in subscription.events {
            switch event {
            case .message(let bytes):
                let meta = try ResultMeta(json: bytes)
                continuation.yield(meta)
                if meta.status.isReady { return }
            case .matched: break
            case .gap:
                if try await yieldStored(id, continuation) { return }
            }
        }
    }

    private func yieldStored(
        _ id: String,
        _ continuation: AsyncThrowingStream<ResultMeta, any Error>.Continuation
    ) async throws -> Bool {
        guard let meta = try await meta(of: id) else { return false }
        continuation.yield(meta)
        return meta.status.isReady
    }

    func listener() -> RedisSubscriber {
        subscriber.withLock { subscriber in
            if let subscriber { return subscriber }
            let new = RedisSubscriber(url: url)
            subscriber = new
            return new
        }
    }

    func close() {
        client.close()
        subscriber.withLock { $0?.close() }
    }
}

/// Runs `body` and throws `CeleryError.timedOut` when it takes longer.
func withTimeout<Value: Sendable>(
    _ timeout: Duration,
    _ what: String,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: timeout)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else { throw CeleryError.timedOut(what) }
        return value
    }
}
