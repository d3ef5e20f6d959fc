extension JSONScanner {
    /// Reads a string; the current byte is its opening quote.
    ///
    /// Halves of surrogate pairs that stand alone become U+FFFD: Swift's strings cannot hold them.
    mutating func string() throws(JSONError) -> String {
        let start = position &+ 1
        var index = start
        var seen: UInt8 = 0
        while index < end {
            let byte = bytes[index]
            if byte == ASCII.quote {
                position = index &+ 1
                return try text(start..<index, isASCII: seen < 0x80)
            }
            if byte == ASCII.backslash { return try escapedString(from: start, plainUntil: index) }
            guard byte >= ASCII.space else { throw JSONError("control character in a string", offset: index) }
            seen |= byte
            index &+= 1
        }
        throw error("a string without its closing quote")
    }

    /// Checks a string without building it. False when it has escapes.
    mutating func skipString() throws(JSONError) -> Bool {
        let start = position &+ 1
        var index = start
        var seen: UInt8 = 0
        var plain = true
        while index < end {
            let byte = bytes[index]
            if byte == ASCII.quote {
                position = index &+ 1
                if seen >= 0x80 { _ = try text(start..<index, isASCII: false) }
                return plain
            }
            if byte == ASCII.backslash {
                plain = false
                index = try skipEscape(at: index)
                continue
            }
            guard byte >= ASCII.space else { throw JSONError("control character in a string", offset: index) }
            seen |= byte
            index &+= 1
        }
        throw error("a string without its closing quote")
    }

    private func text(_ range: Range<Int>, isASCII: Bool) throws(JSONError) -> String {
        if isASCII { return String(decoding: bytes[range], as: UTF8.self) }
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw JSONError("a string that is not UTF-8", offset: range.lowerBound)
        }
        return text
    }

    private mutating func escapedString(from start: Int, plainUntil first: Int) throws(JSONError) -> String {
        var buffer = Array(bytes[start..<first])
        var index = first
        while index < end {
            let byte = bytes[index]
            if byte == ASCII.quote {
                position = index &+ 1
                guard let text = String(validating: buffer, as: UTF8.self) else {
                    throw JSONError("a string that is not UTF-8", offset: start)
                }
                return text
            }
            if byte == ASCII.backslash {
                index = try appendEscape(at: index, to: &buffer)
                continue
            }
            guard byte >= ASCII.space else { throw JSONError("control character in a string", offset: index) }
            buffer.append(byte)
            index &+= 1
        }
        throw error("a string without its closing quote")
    }

    /// Appends the character that the escape at `index` stands for; gives the place after it.
    private func appendEscape(at index: Int, to buffer: inout [UInt8]) throws(JSONError) -> Int {
        let kind = index &+ 1 < end ? bytes[index &+ 1] : 0
        guard kind == ASCII.lowerU else {
            guard let byte = Self.simpleEscape(kind) else { throw JSONError("invalid escape", offset: index) }
            buffer.append(byte)
            return index &+ 2
        }
        var next = index &+ 6
        var code = try unit(at: index &+ 2)
        if (0xD800..<0xDC00).contains(code), let low = lowSurrogate(at: next) {
            code = 0x10000 &+ ((code &- 0xD800) << 10) &+ (low &- 0xDC00)
            next &+= 6
        }
        buffer.append(contentsOf: (Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
        return next
    }

    private func skipEscape(at index: Int) throws(JSONError) -> Int {
        let kind = index &+ 1 < end ? bytes[index &+ 1] : 0
        if kind == ASCII.lowerU {
            _ = try unit(at: index &+ 2)
            return index &+ 6
        }
        guard Self.simpleEscape(kind) != nil else { throw JSONError("invalid escape", offset: index) }
        return index &+ 2
    }

    /// The second half of a surrogate pair, when one is written at `index`.
    private func lowSurrogate(at index: Int) -> UInt32? {
        guard index &+ 1 < end, bytes[index] == ASCII.backslash, bytes[index &+ 1] == ASCII.lowerU,
            let code = try? unit(at: index &+ 2), (0xDC00..<0xE000).contains(code)
        else { return nil }
        return code
    }

    /// The four hexadecimal digits at `index`.
    private func unit(at index: Int) throws(JSONError) -> UInt32 {
        guard index &+ 4 <= end else { throw JSONError("an incomplete \\u escape", offset: index) }
        var code: UInt32 = 0
        for place in index..<index &+ 4 {
            guard let digit = ASCII.hexValue(bytes[place]) else { throw JSONError("invalid \\u escape", offset: place) }
            code = code << 4 | digit
        }
        return code
    }

    private static func simpleEscape(_ kind: UInt8) -> UInt8? {
        switch kind {
        case ASCII.quote, ASCII.backslash, ASCII.slash: kind
        case ASCII.lowerN: ASCII.newline
        case ASCII.lowerT: ASCII.tab
        case ASCII.lowerR: ASCII.carriageReturn
        case ASCII.lowerB: 0x08
        case ASCII.lowerF: 0x0C
        default: nil
        }
    }
}
