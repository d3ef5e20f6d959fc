/// What went wrong at a store that is asked by HTTP. No text holds a key or a password.
package struct ServiceError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// Name, network or TLS: nobody answered, or the connection broke.
        case unreachable
        case timedOut
        /// 401 or 403.
        case unauthorized
        /// 404.
        case notFound
        /// Any other HTTP status that is not a success.
        case refused(Int)
        /// An answer that is not what such a server says.
        case malformed
    }

    package let code: Code
    /// What was attempted, with the address.
    package let attempt: String
    /// What is wrong, in the server's words where it has any.
    package let reason: String

    package init(code: Code, attempt: String, reason: String) {
        self.code = code
        self.attempt = attempt
        self.reason = reason
    }

    package var description: String { "\(attempt): \(reason)" }
}
