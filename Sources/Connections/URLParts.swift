/// The parts of `scheme://user:password@host:port/path?query`, read as kombu reads them (`kombu/utils/url.py`
/// url_to_parts).
///
/// User, password, host and path are percent-decoded; the path has lost its first slash. A query key that occurs twice
/// keeps its last value. A fragment is dropped.
struct URLParts {
    var scheme: String
    var user: String?
    var password: String?
    var host: String?
    var port: Int?
    var path: String
    var query: [(name: String, value: String)]

    init(_ text: String) throws(ConnectionURLError) {
        func wrong(_ reason: String) -> ConnectionURLError { ConnectionURLError(url: text, reason: reason) }

        guard let mark = text.firstRange(of: "://"), mark.lowerBound > text.startIndex else {
            throw wrong("not a URL; write scheme://user:password@host:port/path")
        }
        scheme = text[..<mark.lowerBound].lowercased()
        let beforeFragment = text[mark.upperBound...].prefix { $0 != "#" }
        let beforeQuery = beforeFragment.prefix { $0 != "?" }
        let authority = beforeQuery.prefix { $0 != "/" }

        if beforeQuery[authority.endIndex...].contains("@"), !authority.contains("@") {
            throw wrong("\"/\" inside the user name or password must be written %2F")
        }
        path = try Self.decode(beforeQuery[authority.endIndex...].dropFirst(), of: text)
        query = try Self.queryItems(beforeFragment[beforeQuery.endIndex...].dropFirst(), of: text)

        let hostAndPort: Substring
        if let at = authority.lastIndex(of: "@") {
            let pair = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try pair.first.map { piece throws(ConnectionURLError) in try Self.decode(piece, of: text) }
            password = pair.count > 1 ? try Self.decode(pair[1], of: text) : nil
            hostAndPort = authority[authority.index(after: at)...]
        } else {
            hostAndPort = authority
        }
        (host, port) = try Self.hostAndPort(hostAndPort, of: text)
        if user?.isEmpty == true { user = nil }
        if password?.isEmpty == true { password = nil }
    }

    /// The URL as text with a password replaced by `**`, whether or not the URL can be read.
    static func masked(_ text: String) -> String {
        guard let mark = text.firstRange(of: "://") else {
            return text.contains("@") ? "**" : text
        }
        let rest = text[mark.upperBound...]
        guard let at = rest.lastIndex(of: "@") else { return String(text.prefix { $0 != "?" }) }
        let user = rest[..<at].prefix { $0 != ":" }
        let secret = user.endIndex < at ? ":**" : ""
        return text[..<mark.upperBound] + user + secret + rest[at...].prefix { $0 != "?" }
    }

    private static func hostAndPort(_ text: Substring, of url: String) throws(ConnectionURLError) -> (String?, Int?) {
        func wrong(_ reason: String) -> ConnectionURLError { ConnectionURLError(url: url, reason: reason) }

        var host = text
        var portText: Substring?
        if text.first == "[" {
            guard let close = text.firstIndex(of: "]") else { throw wrong("\"[\" of an IPv6 address is not closed") }
            host = text[text.index(after: text.startIndex)..<close]
            let after = text[text.index(after: close)...]
            guard after.isEmpty || after.first == ":" else { throw wrong("only :port may follow the IPv6 address") }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            guard text.firstIndex(of: ":") == colon else {
                throw wrong("more than one \":\" in the host; write an IPv6 address in [brackets]")
            }
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        var port: Int?
        if let portText, !portText.isEmpty {
            guard portText.allSatisfy(\.isASCII), let number = Int(portText), (1...65535).contains(number) else {
                throw wrong("the port must be a number from 1 to 65535")
            }
            port = number
        }
        let decoded = try decode(host, of: url)
        return (decoded.isEmpty ? nil : decoded, port)
    }

    private static func queryItems(
        _ text: Substring,
        of url: String
    ) throws(ConnectionURLError) -> [(name: String, value: String)] {
        var items: [(name: String, value: String)] = []
        for piece in text.split(separator: "&") {
            let pair = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = pair.first, !name.isEmpty else { continue }
            let decodedName = try decode(name, of: url)
            let value = pair.count > 1 ? try decode(pair[1], of: url) : ""
            items.removeAll { $0.name == decodedName }
            items.append((decodedName, value))
        }
        return items
    }

    private static func decode(_ text: Substring, of url: String) throws(ConnectionURLError) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let value = UInt8(Substring(digits), radix: 16)
            else {
                throw ConnectionURLError(
                    url: url,
                    reason: "\"%\" must be followed by two hexadecimal digits (%25 is \"%\")"
                )
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw ConnectionURLError(url: url, reason: "a percent-encoded part is not UTF-8")
        }
        return decoded
    }

    /// Percent-encodes everything but unreserved characters and those in `keeping` (RFC 3986 §2.3).
    static func encode(_ text: String, keeping: String = "") -> String {
        var out = ""
        for byte in text.utf8 {
            let character = Character(Unicode.Scalar(byte))
            if byte < 0x80,
                character.isLetter || character.isNumber || "-._~".contains(character) || keeping.contains(character)
            {
                out.append(character)
            } else {
                out += byte < 16 ? "%0" : "%"
                out += String(byte, radix: 16, uppercase: true)
            }
        }
        return out
    }

    static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }
}
