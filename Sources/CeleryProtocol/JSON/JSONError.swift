/// Why a text is not JSON that Python's `json.loads` with kombu's hook would accept.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in words.
    public let reason: String
    /// Where it was noticed: the number of bytes before it, counted from the start of the array.
    public let offset: Int

    public init(_ reason: String, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    public var description: String { "invalid JSON at byte \(offset): \(reason)" }
}
