import Connections

/// Documents of one kind in Redis: created once, changed by version, announced. ``Sessions`` and ``Agents`` are made of
/// it.
///
/// Methods may be called from any task; calls of many tasks share one connection and are pipelined. A write whose answer
/// is lost is looked up and repeated where that is safe; where nobody can know, it throws `.redis` with
/// `isUncertain`.
struct StateDocuments: Sendable {
    let kind: StateKind
    let client: RedisClient
    let options: StateOptions
    /// Nil for ever.
    let ttl: Duration?

    // MARK: One document

    /// - Throws: `exists` when there is one of that name.
    func create(_ name: String, _ data: [UInt8], ttl: Duration?) async throws(StateError) -> StateDocument {
        let key = try kind.key(name)
        let writer = StateEnvelope.newWriter()
        let arguments =
            [try tail(data, writer, key), Self.milliseconds(ttl ?? self.ttl), writer] as [any RedisArgument]
        switch try await repeated(StateScripts.create, key: key, arguments) {
        case .done(let version): return StateDocument(name: name, version: version, data: data)
        case .refused, .missing: throw .exists(key: key)
        }
    }

    /// Creates or replaces, whatever is there. Not repeated by itself when the answer is lost.
    func put(_ name: String, _ data: [UInt8], ttl: Duration?) async throws(StateError) -> StateDocument {
        let key = try kind.key(name)
        let content = try tail(data, StateEnvelope.newWriter(), key)
        let reply = try await evaluate(StateScripts.put, key: key, [content, Self.milliseconds(ttl ?? self.ttl)])
        guard case .done(let version) = reply else { throw .missing(key: key) }
        return StateDocument(name: name, version: version, data: data)
    }

    /// - Parameter extending: The time to live begins anew, where the kind has one.
    func read(_ name: String, extending: Bool) async throws(StateError) -> StateDocument? {
        let key = try kind.key(name)
        return try document(name, key: key, try await send(readCommand(key, extending), key: key))
    }

    /// Replaces the version that the caller has read.
    ///
    /// - Throws: `conflict` when it has another one by now, `missing`.
    func replace(_ read: StateDocument, with data: [UInt8]) async throws(StateError) -> StateDocument {
        let key = try kind.key(read.name)
        let writer = StateEnvelope.newWriter()
        let arguments = [try tail(data, writer, key), timeToLive, String(read.version)] as [any RedisArgument]
        let reply: StateReply
        do throws(StateError) {
            reply = try await evaluate(StateScripts.update, key: key, arguments)
        } catch  where error.isUncertain {
            reply = try await outcome(of: writer, after: read.version, key: key, arguments, error)
        }
        switch reply {
        case .done(let version): return StateDocument(name: read.name, version: version, data: data)
        case .refused(let version): throw .conflict(key: key, expected: read.version, found: version)
        case .missing: throw .missing(key: key)
        }
    }

    /// Reads, changes and writes, anew until nobody was faster: no change of two writers is lost.
    func update(
        _ name: String,
        _ change: @Sendable (StateDocument) throws(StateError) -> [UInt8]
    ) async throws(StateError) -> StateDocument {
        let key = try kind.key(name)
        for attempt in 1...max(1, options.maxUpdateAttempts) {
            guard let read = try await read(name, extending: false) else { throw .missing(key: key) }
            let data = try change(read)
            do throws(StateError) {
                return try await replace(read, with: data)
            } catch .conflict {
                await Self.pause(after: attempt)
            }
        }
        throw .contended(key: key, attempts: options.maxUpdateAttempts)
    }

    /// - Parameter version: Only this one; nil for any.
    /// - Returns: Whether there was one.
    func delete(_ name: String, version: Int?) async throws(StateError) -> Bool {
        let key = try kind.key(name)
        switch try await repeated(StateScripts.delete, key: key, [version.map { String($0) } ?? "any"]) {
        case .done: return true
        case .missing: return false
        case .refused(let found): throw .conflict(key: key, expected: version ?? 0, found: found)
        }
    }

    // MARK: Commands

    var timeToLive: String { Self.milliseconds(ttl) }

    static func milliseconds(_ ttl: Duration?) -> String {
        guard let ttl else { return "0" }
        return String(max(1, ttl.nanoseconds / 1_000_000))
    }

    func tail(_ data: [UInt8], _ writer: String, _ key: String) throws(StateError) -> [UInt8] {
        guard data.count <= options.maxDocumentBytes else {
            throw .tooLarge(key: key, bytes: data.count, limit: options.maxDocumentBytes)
        }
        return StateEnvelope.tail(of: data, writer: writer, compressAbove: options.compressAbove)
    }

    func readCommand(_ key: String, _ extending: Bool) -> RedisCommand {
        extending && ttl != nil
            ? RedisCommand("GETEX", key: key, "PX", timeToLive) : RedisCommand("GET", key: key)
    }

    func document(_ name: String, key: String, _ value: RedisValue) throws(StateError) -> StateDocument? {
        if let error = value.firstError { throw StateError.from(error, key: key) }
        guard let bytes = value.bytes else { return nil }
        let (envelope, content) = try StateEnvelope.parse(bytes[...], key: key)
        let data = try envelope.unpack(content, key: key, maxBytes: options.maxDocumentBytes)
        return StateDocument(name: name, version: envelope.version, data: data)
    }

    func send(_ command: RedisCommand, key: String) async throws(StateError) -> RedisValue {
        do throws(RedisError) {
            return try await client.send(command, timeout: options.timeout)
        } catch {
            throw StateError.from(error, key: key)
        }
    }

    func evaluate(
        _ script: RedisScript,
        key: String,
        _ arguments: [any RedisArgument]
    ) async throws(StateError) -> StateReply {
        let value: RedisValue
        do throws(RedisError) {
            value = try await client.evaluate(script, keys: [key], arguments: arguments, timeout: options.timeout)
        } catch {
            throw StateError.from(error, key: key)
        }
        return try StateReply(value, key: key)
    }
}
