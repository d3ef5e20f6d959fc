/// A connection URL that can't be used: what is wrong with it and how to mend it.
///
/// Neither `description` nor any field carries a password.
public struct ConnectionURLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The URL with its password masked, as far as it could be read.
    public let url: String
    /// What is wrong and what would be right, in one line.
    public let reason: String

    package init(url: String, reason: String) {
        self.url = URLParts.masked(url)
        self.reason = reason
    }

    public var description: String { "\(url): \(reason)" }
}
