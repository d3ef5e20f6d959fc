/// Why a call to Redis has no answer. The description is one line without passwords.
package enum RedisError: Error, Sendable, Hashable {
    /// There is no connection. `reason` is what the last attempt ended with.
    case notConnected(endpoint: String, reason: String)
    /// The answer did not come in time; a command that was sent may still have been carried out.
    case timedOut(endpoint: String, command: String, after: Duration)
    /// The connection broke after the command was sent, so nobody knows whether it was carried out.
    case lost(endpoint: String, reason: String)
    /// The server does not accept the user or the password.
    case authenticationRefused(endpoint: String, message: String)
    /// The server's own error reply.
    case server(RedisServerError)
    /// What came is not what a Redis server says.
    case protocolError(endpoint: String, reason: String)
    /// EXEC answered nil: a watched key had changed, nothing was carried out.
    case transactionAborted
    /// The waiting task was cancelled.
    case cancelled
    /// More calls are waiting than the client's options allow.
    case tooManyCalls(limit: Int)
    /// The client was closed.
    case closed
}

extension RedisError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notConnected(let endpoint, let reason): "no connection to Redis at \(endpoint): \(reason)"
        case .timedOut(let endpoint, let command, let limit):
            "Redis at \(endpoint) did not answer \(command) within \(limit.inSeconds) s"
        case .lost(let endpoint, let reason): "lost the connection to Redis at \(endpoint): \(reason)"
        case .authenticationRefused(let endpoint, let message):
            "Redis at \(endpoint) refused the login: \(message); check user and password in the result backend's URL"
        case .server(let error): "Redis answered with an error: \(error)"
        case .protocolError(let endpoint, let reason): "the server at \(endpoint) does not speak Redis: \(reason)"
        case .transactionAborted: "Redis dropped the transaction, because a watched key had changed"
        case .cancelled: "the call to Redis was cancelled"
        case .tooManyCalls(let limit): "\(limit) calls already wait for Redis; try again when it answers"
        case .closed: "the Redis client is closed"
        }
    }

    /// The server's error, if that is what this is.
    package var serverError: RedisServerError? {
        if case .server(let error) = self { error } else { nil }
    }
}
