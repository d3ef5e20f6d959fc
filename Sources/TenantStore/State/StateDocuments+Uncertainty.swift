import Connections

extension StateDocuments {
    /// How often a write whose answer was lost is tried in all.
    private static let attempts = 3

    /// Runs a script whose second run does no harm.
    func repeated(
        _ script: RedisScript,
        key: String,
        _ arguments: [any RedisArgument]
    ) async throws(StateError) -> StateReply {
        for _ in 1..<Self.attempts {
            do throws(StateError) {
                return try await evaluate(script, key: key, arguments)
            } catch  where error.isUncertain && !Task.isCancelled {}
        }
        return try await evaluate(script, key: key, arguments)
    }

    /// Finds out whether an update was carried out whose answer was lost, and repeats it if not.
    ///
    /// The stored writer tells, as long as nobody has written since; the version guards the repetition against a first
    /// attempt that arrives late.
    ///
    /// - Throws: `uncertain` where others have written since.
    func outcome(
        of writer: String,
        after version: Int,
        key: String,
        _ arguments: [any RedisArgument],
        _ uncertain: StateError
    ) async throws(StateError) -> StateReply {
        var uncertain = uncertain
        for _ in 1..<Self.attempts {
            guard !Task.isCancelled else { throw uncertain }
            do throws(StateError) {
                guard let stored = try await header(key) else { throw uncertain }
                if stored.writer == writer { return .done(version: stored.version) }
                if stored.version == version + 1 { return .refused(version: stored.version) }
                guard stored.version == version else { throw uncertain }
                let reply = try await evaluate(StateScripts.update, key: key, arguments)
                guard case .refused = reply else { return reply }
            } catch {
                guard error.isUncertain else { throw error }
                uncertain = error
            }
        }
        throw uncertain
    }

    /// What stands before a document's data.
    private func header(_ key: String) async throws(StateError) -> StateEnvelope? {
        let value = try await send(RedisCommand("GETRANGE", key: key, 0, StateEnvelope.maxHeader - 1), key: key)
        guard let bytes = value.bytes, !bytes.isEmpty else { return nil }
        return try StateEnvelope.parse(bytes[...], key: key).0
    }

    /// Gives others a moment, longer from time to time, so that many writers do not keep overtaking each other.
    static func pause(after attempt: Int) async {
        let longest = 250 << min(attempt, 7)
        try? await Task.sleep(for: .microseconds(Int.random(in: 0...longest)))
    }
}
