/// The state of agents in Redis, under `agent:{agent_id}:state`, for every process.
///
/// Kept until it is deleted. Otherwise as ``Sessions``: changed by version, compressed above a size, announced on the
/// channel that is named like the key.
package struct Agents: Sendable {
    let documents: StateDocuments

    /// - Throws: `StateError.exists`, `.tooLarge`, `.badName`, `.redis`.
    @discardableResult
    package func create(_ id: String, _ state: [UInt8]) async throws(StateError) -> StateDocument {
        try await documents.create(id, state, ttl: nil)
    }

    /// Creates or replaces, whatever is there: for the one who owns the agent.
    @discardableResult
    package func put(_ id: String, _ state: [UInt8]) async throws(StateError) -> StateDocument {
        try await documents.put(id, state, ttl: nil)
    }

    package func read(_ id: String) async throws(StateError) -> StateDocument? {
        try await documents.read(id, extending: false)
    }

    /// Those that exist, in the order of `ids`, in few round trips.
    package func readMany(_ ids: [String]) async throws(StateError) -> [StateDocument] {
        try await documents.readMany(ids, extending: false)
    }

    /// Replaces what the caller has read.
    ///
    /// - Throws: `StateError.conflict` when somebody else has changed it since, `.missing`.
    @discardableResult
    package func replace(_ read: StateDocument, with state: [UInt8]) async throws(StateError) -> StateDocument {
        try await documents.replace(read, with: state)
    }

    /// Reads, changes and writes, anew until nobody was faster.
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
}
