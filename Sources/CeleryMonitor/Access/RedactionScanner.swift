/// One pass over a text that finds names, and jumps over the values of those that are secret.
struct RedactionScanner {
    private let bytes: [UInt8]
    private let redaction: Redaction
    private var output: [UInt8] = []
    private var here = 0
    /// All before it is in `output`.
    private var copied = 0

    init(_ bytes: [UInt8], _ redaction: Redaction) {
        self.bytes = bytes
        self.redaction = redaction
        output.reserveCapacity(bytes.count)
    }

    mutating func run() -> String {
        while here < bytes.count {
            if Self.isName(bytes[here]) {
                name()
            } else {
                here += 1
            }
        }
        copy(to: bytes.count)
        return String(decoding: output, as: UTF8.self)
    }

    // MARK: Names

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), 0x80...0xFF:
            true
        default: false
        }
    }

    private mutating func name() {
        let start = here
        while here < bytes.count, Self.isName(bytes[here]) { here += 1 }
        let end = here
        if bytes[end...].starts(with: "://".utf8) { return address() }
        guard let separator = separator(start, end),
            redaction.isSecret(bytes[start..<end].drop { $0 == UInt8(ascii: "-") })
        else { return }
        here = separator.end
        value(separator)
    }

    /// What stands between a name and its value.
    private struct Separator {
        /// Where the value begins.
        var end: Int
        /// The value may hold spaces: `Authorization: Bearer x`.
        var isHeader = false
        /// The quote around the name, with the backslashes before it.
        var quote: Range<Int>?
    }

    private func separator(_ start: Int, _ end: Int) -> Separator? {
        let quote = quote(at: end)
        let isQuoted = quote.map { self.quote(before: start) == Array(bytes[$0]) } ?? false
        var at = isQuoted ? quote?.upperBound ?? end : end
        at = skipSpaces(at, lines: isQuoted)
        guard at < bytes.count else { return nil }
        var separator = Separator(end: at, quote: isQuoted ? quote : nil)
        switch bytes[at] {
        case UInt8(ascii: ":"):
            separator.isHeader = !isQuoted
            at += 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "=") { at += 1 }
        case UInt8(ascii: "="):
            while at < bytes.count, [UInt8(ascii: "="), UInt8(ascii: ">")].contains(bytes[at]) { at += 1 }
        case UInt8(ascii: ",") where isQuoted && (isFirst(start, quote) || isOption(start)): at += 1
        default:
            guard isOption(start), !isQuoted, at > end else { return nil }
        }
        separator.end = skipSpaces(at, lines: isQuoted)
        return separator
    }

    /// It begins a tuple or a list, as in `('token', 'x')`.
    private func isFirst(_ start: Int, _ quote: Range<Int>?) -> Bool {
        let before = start - (quote?.count ?? 0) - 1
        return before >= 0 && [UInt8(ascii: "("), UInt8(ascii: "[")].contains(bytes[before])
    }

    private func isOption(_ start: Int) -> Bool { bytes[start...].starts(with: "--".utf8) }

    private func skipSpaces(_ from: Int, lines: Bool) -> Int {
        var at = from
        while at < bytes.count,
            bytes[at] == 0x20 || bytes[at] == 0x09 || lines && (bytes[at] == 0x0A || bytes[at] == 0x0D)
        {
            at += 1
        }
        return at
    }

    // MARK: Values

    private mutating func value(_ separator: Separator) {
        let start = here
        copy(to: start)
        guard start < bytes.count else { return }
        let prefix = stringPrefix(start)
        if let opening = quote(at: prefix) {
            skipString(opening)
            output += bytes[opening] + Array(Redaction.mark.utf8) + bytes[opening]
        } else {
            if bracket(bytes[start]) == 1 { skipBrackets() } else { skipBare(separator) }
            guard here > start else { return }
            let around = separator.quote.map { Array(bytes[$0]) } ?? []
            output += around + Array(Redaction.mark.utf8) + around
        }
        copied = here
    }

    /// Behind Python's letters before a string: `b'…'`, `rb"…"`.
    private func stringPrefix(_ start: Int) -> Int {
        var at = start
        while at < min(start + 2, bytes.count), "bBrRuUfF".utf8.contains(bytes[at]) { at += 1 }
        return quote(at: at) == nil ? start : at
    }

    /// From the opening quote to behind the closing one, or to the end. In a string inside a string every quote has
    /// backslashes before it: with `count` of them before the opening one, the closing one has as many, beyond whole
    /// escaped backslashes.
    private mutating func skipString(_ opening: Range<Int>) {
        let (mark, count) = (bytes[opening.upperBound - 1], opening.count - 1)
        here = opening.upperBound
        // Three quotes are one.
        let isTriple = count == 0 && bytes[here...].starts(with: [mark, mark])
        if isTriple { here += 2 }
        var backslashes = 0
        while here < bytes.count {
            let byte = bytes[here]
            here += 1
            if byte == UInt8(ascii: "\\") {
                backslashes += 1
                continue
            }
            if byte == mark, backslashes % (2 * (count + 1)) == count {
                guard isTriple else { return }
                if bytes[here...].starts(with: [mark, mark]) {
                    here += 2
                    return
                }
            }
            backslashes = 0
        }
    }

    /// From an opening bracket to behind the one that closes it, or to the end; brackets in strings do not count.
    private mutating func skipBrackets() {
        var depth = 0
        while here < bytes.count {
            if let opening = quote(at: here) {
                skipString(opening)
                continue
            }
            depth += bracket(bytes[here])
            here += 1
            if depth <= 0 { return }
        }
    }

    private func bracket(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "<"): 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ">"): -1
        default: 0
        }
    }

    private static let schemes: Set<String> = ["bearer", "basic", "token", "digest", "negotiate", "apikey"]

    /// A word, a number, a call such as `SecretStr('x')`, or the rest of a header.
    private mutating func skipBare(_ separator: Separator) {
        let start = here
        while here < bytes.count {
            let byte = bytes[here]
            if byte == 0x0A || byte == 0x0D || quote(at: here) != nil || ",)}]".utf8.contains(byte) { return }
            if !separator.isHeader, "&; \t".utf8.contains(byte) {
                let word = String(decoding: bytes[start..<min(here, start + 16)], as: UTF8.self).lowercased()
                guard byte == 0x20, Self.schemes.contains(word) else { return }
            }
            if bracket(byte) == 1, here > start {
                skipBrackets()
            } else {
                here += 1
            }
        }
    }

    /// `scheme://user:password@host`: the password.
    private mutating func address() {
        here += 3
        var (colon, at): (Int?, Int?)
        while here < bytes.count, bytes[here] > 0x20, !"/?#\"'<>\\".utf8.contains(bytes[here]) {
            if bytes[here] == UInt8(ascii: ":"), colon == nil { colon = here }
            if bytes[here] == UInt8(ascii: "@") { at = here }
            here += 1
        }
        guard let colon, let at, colon + 1 < at else { return }
        copy(to: colon + 1)
        output += Array(Redaction.mark.utf8)
        copied = at
    }

    // MARK: Quotes

    /// Backslashes and a quote that begin there.
    private func quote(at start: Int) -> Range<Int>? {
        var at = start
        // Nobody nests strings deeper than five times; and time stays linear.
        while at < min(bytes.count, start + 32), bytes[at] == UInt8(ascii: "\\") { at += 1 }
        guard at < bytes.count, bytes[at] == UInt8(ascii: "'") || bytes[at] == UInt8(ascii: "\"") else { return nil }
        return start..<at + 1
    }

    /// The backslashes and the quote that end there.
    private func quote(before end: Int) -> [UInt8] {
        guard end > 0, bytes[end - 1] == UInt8(ascii: "'") || bytes[end - 1] == UInt8(ascii: "\"") else { return [] }
        var start = end - 1
        while start > max(0, end - 33), bytes[start - 1] == UInt8(ascii: "\\") { start -= 1 }
        return Array(bytes[start..<end])
    }

    private mutating func copy(to end: Int) {
        if copied < end { output += bytes[copied..<end] }
        copied = max(copied, end)
    }
}
