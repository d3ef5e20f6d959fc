import Connections

/// Sessions in Redis, under `session:{session_id}:data`: for every process, for a limited time.
///
/// A session is made once, changed by version and lives ``StateOptions/sessionTTL`` after its last change or touch. Data
/// of more than ``StateOptions/compressAbove`` bytes is compressed. Changes are announced on the channel that is named
/// like the key; see ``StateChange``. An expiry is not announced.
package struct Sessions: Sendable {
    let documents: StateDocuments

    /// - Parameter ttl: The default if nil.
    /// - Throws: `StateError.exists`, `.tooLarge`, `.badName`, `.redis`.
    @discardableResult
    package func create(
        _ id: String,
        _ data: [UInt8],
        ttl: Duration? = nil
    ) async throws(StateError) -> StateDocument {
        try await documents.create(id, data, ttl: ttl)
    }

    /// Creates many in few round trips.
    ///
    /// - Returns: The ids that existed already and were left as they are.
    @discardableResult
    package func createMany(
        _ sessions: [(name: String, data: [UInt8])],
        ttl: Duration? = nil
    ) async throws(StateError) -> [String] {
        try await documents.createMany(sessions, ttl: ttl)
    }

    /// - Parameter touching: It lives for the whole time again.
    /// - Returns: Nil when there is none, or none any more.
    package func read(_ id: String, touching: Bool = false) async throws(StateError) -> StateDocument? {
        try await documents.read(id, extending: touching)
    }

    /// Those that exist, in the order of `ids`, in few round trips.
    package func readMany(_ ids: [String], touching: Bool = false) async throws(StateError) -> [StateDocument] {
        try await documents.readMany(ids, extending: touching)
    }

    /// Replaces what the caller has read. Its time to live begins anew.
    ///
    /// - Throws: `StateError.conflict` when somebody else has changed it since, `.missing`.
    @discardableResult
    package func replace(_ read: StateDocument, with data: [UInt8]) async throws(StateError) -> StateDocument {
        try await documents.replace(read, with: data)
    }

    /// Reads, changes and writes, anew until nobody was faster. Its time to live begins anew.
    ///
    /// - Parameter change: May be called several times.
    @discardableResult
    package func update(
        _ id: String,
        _ change: @Sendable (StateDocument) throws(StateError) -> [UInt8]
    ) async throws(StateError) -> StateDocument {
        try await documents.update(id, change)
    }

    /// - Parameter version: Only this one; nil for any.
    /// - Returns: Whether there was one.
    @discardableResult
    package func delete(_ id: String, version: Int? = nil) async throws(StateError) -> Bool {
        try await documents.delete(id, version: version)
    }

    /// How long it still lives; nil when there is none, or when it lives for ever.
    package func timeToLive(_ id: String) async throws(StateError) -> Duration? {
        let key = try documents.kind.key(id)
        let value = try await documents.send(RedisCommand("PTTL", key: key), key: key)
        return value.integer.flatMap { $0 < 0 ? nil : .milliseconds($0) }
    }
}
