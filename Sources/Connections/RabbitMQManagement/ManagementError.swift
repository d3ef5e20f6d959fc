/// What went wrong at RabbitMQ's management API. No text holds a password.
public struct ManagementError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// Name, network or TLS: nobody answered.
        case unreachable
        case timedOut
        /// 401: user or password.
        case unauthorized
        /// 403, or 401 for a user without the management tag.
        case forbidden
        /// 404: virtual host, queue, …
        case notFound
        /// Any other HTTP status.
        case refused(Int)
        /// An answer that is not RabbitMQ's.
        case malformed
    }

    public let code: Code
    /// What was attempted, with the API's address.
    public let attempt: String
    /// What is wrong and, where known, how to mend it.
    public let reason: String

    public var description: String { "\(attempt): \(reason)" }
}
