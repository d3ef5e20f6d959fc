/// A Swift value could not be made from what a message carries, or the other way round.
public struct CeleryCodingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where, as `box.items[3]`; empty for the outermost value.
    public let path: String
    /// What was expected and what was found, or what else is wrong.
    public let reason: String

    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    public var description: String { path.isEmpty ? reason : "'\(path)': \(reason)" }

    /// The error in these words; nil for an error that is not the standard library's.
    init?(_ error: any Error) {
        switch error {
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            self.init(path: CodingPath.text(context.codingPath), reason: context.debugDescription)
        case DecodingError.keyNotFound(let key, let context):
            self.init(path: CodingPath.text(context.codingPath), reason: "the key '\(key.stringValue)' is missing")
        case EncodingError.invalidValue(_, let context):
            self.init(path: CodingPath.text(context.codingPath), reason: context.debugDescription)
        default: return nil
        }
    }
}
