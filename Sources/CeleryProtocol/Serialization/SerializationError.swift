/// Why bytes of a serializer other than JSON could not be read, or a value not be written in it.
public struct SerializationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One line for a person.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
