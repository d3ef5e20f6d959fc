/// Why AMQP bytes could not be read or written.
public struct AMQPFormatError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One line for a person.
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    static func truncated(_ what: String) -> AMQPFormatError {
        AMQPFormatError("AMQP properties end in the middle of \(what)")
    }
}
