/// A place in a JSON text and the steps that can be taken from there.
///
/// It reads what Python's `json.loads` reads: RFC 8259, and the bare tokens `NaN`, `Infinity` and `-Infinity`.
struct JSONScanner {
    let bytes: [UInt8]
    var position: Int
    /// The first byte that is not part of the text; never beyond the array.
    let end: Int
    let maxDepth: Int
    /// Whether a skipped object had a key that may turn it into one of kombu's envelopes.
    private(set) var metEnvelope = false

    init(_ bytes: [UInt8], range: Range<Int>, maxDepth: Int) {
        self.bytes = bytes
        let whole = range.clamped(to: 0..<bytes.count)
        position = whole.lowerBound
        end = whole.upperBound
        self.maxDepth = maxDepth
    }

    func error(_ reason: String) -> JSONError { JSONError(reason, offset: position) }

    @inline(__always)
    var atEnd: Bool { position >= end }

    /// The byte at the current place, or 0 at the end.
    @inline(__always)
    var byte: UInt8 { position < end ? bytes[position] : 0 }

    @inline(__always)
    mutating func skipSpace() {
        while position < end {
            let byte = bytes[position]
            guard byte <= ASCII.space else { return }
            guard byte == ASCII.space || byte == ASCII.newline || byte == ASCII.tab || byte == ASCII.carriageReturn
            else { return }
            position &+= 1
        }
    }

    /// Goes past `byte`, or complains that it is missing.
    @inline(__always)
    mutating func expect(_ byte: UInt8, _ what: StaticString) throws(JSONError) {
        guard position < end, bytes[position] == byte else { throw error("expected \(what)") }
        position &+= 1
    }

    /// Complains when anything but space is left.
    mutating func expectEnd() throws(JSONError) {
        skipSpace()
        guard atEnd else { throw error("extra data after the value") }
    }

    /// Goes past a bare word such as `null`, whose first letter has been seen.
    @inline(__always)
    mutating func word(_ word: String) throws(JSONError) {
        var index = position
        for letter in word.utf8 {
            guard index < end, bytes[index] == letter else { throw error("expected a value") }
            index &+= 1
        }
        position = index
    }

    /// After an element: true past a comma, false past the closing byte.
    @inline(__always)
    mutating func another(before close: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        let byte = byte
        guard byte == ASCII.comma || byte == close else { throw error("expected ',' or the closing bracket") }
        position &+= 1
        skipSpace()
        return byte == ASCII.comma
    }

    /// After an opening byte: true when an element follows, false past the closing byte.
    @inline(__always)
    mutating func first(before close: UInt8) -> Bool {
        skipSpace()
        guard byte == close else { return true }
        position &+= 1
        return false
    }

    /// Checks one whole value without building it. `depth` is the number of arrays and maps around it.
    mutating func skipValue(depth: Int) throws(JSONError) {
        switch byte {
        case ASCII.quote: _ = try skipString()
        case ASCII.openBracket: try skipArray(depth: depth &+ 1)
        case ASCII.openBrace: try skipObject(depth: depth &+ 1)
        case ASCII.lowerN: try word("null")
        case ASCII.lowerT: try word("true")
        case ASCII.lowerF: try word("false")
        default: if plainInt() == nil { _ = try number() }
        }
    }

    private mutating func skipArray(depth: Int) throws(JSONError) {
        try check(depth: depth)
        position &+= 1
        guard first(before: ASCII.closeBracket) else { return }
        repeat { try skipValue(depth: depth) } while try another(before: ASCII.closeBracket)
    }

    private mutating func skipObject(depth: Int) throws(JSONError) {
        try check(depth: depth)
        position &+= 1
        guard first(before: ASCII.closeBrace) else { return }
        repeat {
            _ = try skipKey()
            try skipValue(depth: depth)
        } while try another(before: ASCII.closeBrace)
    }

    /// Goes past a key and its colon. Gives the range between the quotes, or nil when the key has escapes.
    mutating func skipKey() throws(JSONError) -> Range<Int>? {
        guard byte == ASCII.quote else { throw error("expected a property name in double quotes") }
        let start = position &+ 1
        let plain = try skipString()
        let close = position &- 1
        if !plain || isEnvelopeKey(start..<close) { metEnvelope = true }
        skipSpace()
        try expect(ASCII.colon, "':'")
        skipSpace()
        return plain ? start..<close : nil
    }

    private func isEnvelopeKey(_ range: Range<Int>) -> Bool {
        range.count == 8 && bytes[range.lowerBound] == 0x5F && bytes[range].elementsEqual("__type__".utf8)
    }

    @inline(__always)
    func check(depth: Int) throws(JSONError) {
        guard depth <= maxDepth else { throw error("more than \(maxDepth) levels of arrays and objects") }
    }
}
