import CeleryProtocol
import Connections
import OrderedCollections

/// Why a chord's body does not run.
struct ChordFailure: Error {
    /// The words of Celery's ChordError.
    var text: String
    /// The exception of the part that failed.
    var cause: ExceptionRecord?

    var exception: ExceptionRecord { .chordError(text) }
}

/// Reads what the parts of a chord have returned.
extension RedisResults {
    func call(_ call: ChordCommands.RedisCall) async throws(RedisError) -> RedisValue {
        try await client.evaluate(call.script, keys: call.keys, arguments: call.arguments)
    }

    /// The results of a chord's header in order, those of groups within it as lists.
    ///
    /// - Throws: `ChordFailure` when a part has failed, or a result cannot be had.
    func chordValues(of group: String) async throws -> [CeleryValue] {
        if let bytes = try await client.send(RedisCommand("GET", key: chords.key(group))).bytes {
            guard let saved = (try? JSONParser.parse(bytes))?["result"].flatMap(ResultTuple.init(celeryValue:)) else {
                throw ChordFailure(text: "Join error: the saved group \(group) cannot be read", cause: nil)
            }
            return try await joined(saved)
        }
        let parts = try await client.send(chords.parts(of: group)).array ?? []
        return try parts.map { part in
            guard let bytes = part.bytes, case .array(let fields) = try? JSONParser.parse(bytes), fields.count == 4,
                let id = fields[1].stringValue, let state = fields[2].stringValue
            else { throw ChordFailure(text: "Join error: a part of group \(group) cannot be read", cause: nil) }
            guard !["FAILURE", "REVOKED"].contains(state) else {
                let exception = ExceptionRecord(fields[3])
                let repr = exception?.pythonRepr ?? PythonRepr.repr(fields[3])
                throw ChordFailure(text: "Dependency \(id) raised \(repr)", cause: exception)
            }
            return fields[3]
        }
    }

    private func joined(_ group: ResultTuple) async throws -> [CeleryValue] {
        var values: [CeleryValue] = []
        for child in group.children ?? [] {
            if child.children != nil {
                values.append(.array(try await joined(child)))
            } else {
                values.append(try await value(of: child.id))
            }
        }
        return values
    }

    /// All parts have ended, so their results are there; those of a chord within it may come a moment later.
    private func value(of id: String) async throws -> CeleryValue {
        let stored: ResultMeta
        do {
            stored = try await ended(id, timeout: .seconds(3))
        } catch is CeleryError {
            throw ChordFailure(text: "Join error: TimeoutError('The operation timed out.')", cause: nil)
        }
        guard stored.status != .success else { return stored.result }
        let exception = ExceptionRecord(stored.result)
        throw ChordFailure(
            text: "Join error: \(exception?.pythonRepr ?? PythonRepr.repr(stored.result))",
            cause: exception
        )
    }
}
