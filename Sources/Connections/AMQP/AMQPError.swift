/// What went wrong on the way to, or at, the AMQP broker.
public struct AMQPError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The kind of a failure; bounded, so that it can label a metric.
    public enum Code: Sendable, Hashable {
        /// No connection could be made: name, network, or TLS.
        case unreachable
        /// The broker refused the user, the password or the virtual host.
        case accessRefused
        /// The connection broke or was closed by the broker (reply code, 0 when the socket just closed).
        case connectionLost(Int)
        /// The broker went silent for two heartbeat intervals.
        case heartbeatMissed
        /// The broker closed one channel (reply code, e.g. 404 not found, 406 precondition failed).
        case channelClosed(Int)
        /// The broker did not answer within the time allowed.
        case timedOut
        /// The broker accepts no publishes now: a memory or disk alarm (`connection.blocked`).
        case blocked
        /// A mandatory message reached no queue (`basic.return`).
        case unroutable
        /// The broker refused to take a message (`basic.nack`).
        case nacked
        /// The call cannot be made: too long a name, an unusable certificate file, a stopped client.
        case invalid
    }

    public let code: Code
    /// What was attempted, e.g. `declaring queue inference`.
    public let attempt: String
    /// What is wrong and, where known, how to mend it.
    public let reason: String

    public init(_ code: Code, attempt: String, reason: String) {
        self.code = code
        self.attempt = attempt
        self.reason = reason
    }

    public var description: String { "\(attempt): \(reason)" }
    public var debugDescription: String { "AMQPError(\(code)) \(description)" }

    /// Whether the whole connection is unusable after this error.
    package var endsConnection: Bool {
        switch code {
        case .channelClosed, .blocked, .unroutable, .nacked, .invalid: false
        case .unreachable, .accessRefused, .connectionLost, .heartbeatMissed, .timedOut: true
        }
    }
}
