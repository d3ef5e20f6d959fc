/// An error reply of a Redis server, split into its code and its text.
package struct RedisServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The first word, such as `WRONGTYPE` or `NOSCRIPT`; `ERR` if the line has none.
    package let code: String
    /// What follows the code.
    package let message: String

    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    /// Splits an error line. By convention the code is the first word, in capitals (redis.io, "RESP protocol", simple
    /// errors).
    package init(line: String) {
        let (first, rest) = line.splitOnce(at: " ")
        let isCode =
            !first.isEmpty
            && first.utf8.allSatisfy { (65...90).contains($0) || $0 == 95 || (48...57).contains($0) }
        self.init(code: isCode ? String(first) : "ERR", message: isCode ? String(rest) : line)
    }

    package var description: String { message.isEmpty ? code : "\(code) \(message)" }

    package static let noScript = "NOSCRIPT"

    /// Whether this says that who we are, or that we may not: the password is wrong, missing, or not for this.
    var isRefusal: Bool { ["WRONGPASS", "NOAUTH", "NOPERM", "DENIED"].contains(code) }
}

extension String {
    fileprivate func splitOnce(at separator: Character) -> (Substring, Substring) {
        guard let index = firstIndex(of: separator) else { return (self[...], "") }
        return (self[..<index], self[self.index(after: index)...])
    }
}
