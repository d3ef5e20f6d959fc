import Connections

/// Models' weights in Redis, under `model:{model_name}:weights`, so that a worker that needs them does not compute or
/// download them again.
///
/// Weights travel in parts of 1 MiB, so that they hold up nobody for long, over a connection of their own. A reader
/// sees all of one version or all of another. Changes are announced on the channel that is named like the key.
///
/// The value is the same line as in ``StateEnvelope``, filled with blanks to 64 bytes, and the weights as they are.
package struct ModelCache: Sendable {
    static let headerBytes = 64
    static let partBytes = 1 << 20

    let client: RedisClient
    let options: StateOptions

    /// Stores weights under a new version, in place of what was there.
    ///
    /// - Parameter ttl: Nil for ever, as far as Redis's memory policy permits.
    /// - Throws: `StateError.tooLarge`, `.badName`, `.redis`.
    @discardableResult
    package func store(
        _ model: String,
        _ weights: [UInt8],
        ttl: Duration? = nil
    ) async throws(StateError) -> ModelWeights.Info {
        let key = try StateKind.model.key(model)
        guard weights.count <= options.maxModelBytes else {
            throw .tooLarge(key: key, bytes: weights.count, limit: options.maxModelBytes)
        }
        let writer = StateEnvelope.newWriter()
        // The braces put it into the same slot of a cluster as the key itself (redis.io, "Redis cluster specification").
        let staging = "{\(key)}:\(writer)"
        let blank = [UInt8](repeating: UInt8(ascii: " "), count: Self.headerBytes)
        _ = try await send(RedisCommand("SET", key: staging, blank, "EX", Self.stagingSeconds), key)
        for start in stride(from: 0, to: weights.count, by: Self.partBytes) {
            let part = weights[start..<min(weights.count, start + Self.partBytes)]
            // At its own place, so that a part that was sent twice is there once.
            _ = try await send(RedisCommand("SETRANGE", key: staging, Self.headerBytes + start, part), key)
        }
        return try await publish(model, key, staging, writer, weights.count, ttl)
    }

    /// - Returns: Nil when there are none.
    /// - Throws: `StateError.wrongData`, `.contended` when they change faster than they can be read, `.redis`.
    package func load(_ model: String) async throws(StateError) -> ModelWeights? {
        let key = try StateKind.model.key(model)
        for _ in 1...Self.readAttempts {
            guard let info = try await info(model) else { return nil }
            if let data = try await read(info, key) { return ModelWeights(info: info, data: data) }
        }
        throw .contended(key: key, attempts: Self.readAttempts)
    }

    /// Version and size, without the weights.
    package func info(_ model: String) async throws(StateError) -> ModelWeights.Info? {
        let key = try StateKind.model.key(model)
        let (version, size, _) = try await part(key, 0..<0)
        guard let version else { return nil }
        return ModelWeights.Info(model: model, version: version, bytes: size)
    }

    /// - Returns: Whether there were any.
    @discardableResult
    package func delete(_ model: String) async throws(StateError) -> Bool {
        let key = try StateKind.model.key(model)
        let reply = try StateReply(try await evaluate(StateScripts.delete, [key], ["any"], key), key: key)
        return reply != .missing
    }

    private static let readAttempts = 5
    /// What was never finished disappears after this time.
    private static let stagingSeconds = 600
}
