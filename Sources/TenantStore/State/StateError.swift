import Connections

/// Why shared state could not be read or changed. The description is one line without data and passwords.
package enum StateError: Error, Sendable, Hashable {
    /// A name that can't stand in a key.
    case badName(StateKind, name: String, reason: String)
    /// There is something under the key already.
    case exists(key: String)
    /// There is nothing (any more) under the key.
    case missing(key: String)
    /// Somebody else has changed it: it has version `found`, not `expected`.
    case conflict(key: String, expected: Int, found: Int)
    /// Others changed it each time between reading and writing.
    case contended(key: String, attempts: Int)
    /// What is stored is not what Chard stores there.
    case wrongData(key: String, reason: String)
    case tooLarge(key: String, bytes: Int, limit: Int)
    /// Redis did not do it, or nobody knows whether it did (`.lost`, `.timedOut`).
    case redis(key: String, RedisError)
}

extension StateError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badName(let kind, let name, let reason):
            "\(String(reflecting: String(name.prefix(60)))) can't be the name of a \(kind.rawValue): \(reason)"
        case .exists(let key): "can't create \(key): it exists; update it, or choose another name"
        case .missing(let key): "there is no \(key): it was never created, was deleted or has expired"
        case .conflict(let key, let expected, let found):
            "can't change \(key): it has version \(found), not \(expected), because somebody else has changed it; "
                + "read it again"
        case .contended(let key, let attempts):
            "can't update \(key): others changed it during each of \(attempts) attempts; try again later"
        case .wrongData(let key, let reason):
            "\(key) does not hold what Chard stores there: \(reason); delete the key, or use another database"
        case .tooLarge(let key, let bytes, let limit):
            "can't store \(key): \(bytes) bytes are more than the \(limit) allowed"
        case .redis(let key, let error): "can't reach \(key): \(error)"
        }
    }

    /// Whether the change may have been carried out all the same.
    package var isUncertain: Bool {
        guard case .redis(_, let error) = self else { return false }
        switch error {
        case .lost, .timedOut, .cancelled: return true
        default: return false
        }
    }

    /// A server that names a wrong type has wrong data; older servers (before 7) wrap what a script's command answered.
    static func from(_ error: RedisError, key: String) -> StateError {
        guard let answer = error.serverError else { return .redis(key: key, error) }
        return from(answer, key: key)
    }

    static func from(_ answer: RedisServerError, key: String) -> StateError {
        if answer.code == "WRONGTYPE" || answer.message.contains("WRONGTYPE ") {
            return .wrongData(key: key, reason: "it is of another type")
        }
        return .redis(key: key, .server(answer))
    }
}
