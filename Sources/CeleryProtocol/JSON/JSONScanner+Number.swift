extension JSONScanner {
    /// Reads an integer of up to 18 digits that ends before a comma, a bracket or space; nil, without moving, for
    /// anything else.
    @inline(__always)
    mutating func plainInt() -> Int? {
        var index = position
        var negative = false
        if index < end, bytes[index] == ASCII.minus {
            negative = true
            index &+= 1
        }
        let first = index
        var magnitude = 0
        while index < end {
            let digit = bytes[index] &- ASCII.zero
            guard digit < 10 else { break }
            magnitude = magnitude &* 10 &+ Int(digit)
            index &+= 1
        }
        let count = index &- first
        guard count > 0, count <= 18, count == 1 || bytes[first] != ASCII.zero else { return nil }
        if index < end {
            let next = bytes[index]
            guard
                next == ASCII.comma || next == ASCII.closeBracket || next == ASCII.closeBrace || next <= ASCII.space
            else { return nil }
        }
        position = index
        return negative ? 0 &- magnitude : magnitude
    }

    /// Reads a number or one of Python's tokens `NaN`, `Infinity`, `-Infinity`.
    mutating func number() throws(JSONError) -> JSONNumber {
        let start = position
        let negative = byte == ASCII.minus
        if negative { position &+= 1 }
        guard ASCII.isDigit(byte) else { return try bareToken(negative: negative) }
        var magnitude: UInt64 = 0
        let exact: Bool
        if byte == ASCII.zero {
            position &+= 1
            exact = true
        } else {
            exact = digits(&magnitude)
        }
        let next = byte
        if next == ASCII.dot || next | 0x20 == ASCII.lowerE {
            return .double(try float(from: start, mantissa: exact ? magnitude : nil, negative: negative))
        }
        guard exact else { return .bigInt(digitsText(start)) }
        if negative {
            guard magnitude <= 1 << 63 else { return .bigInt(digitsText(start)) }
            return .int(Int(truncatingIfNeeded: 0 &- magnitude))
        }
        guard magnitude < 1 << 63 else { return .bigInt(digitsText(start)) }
        return .int(Int(truncatingIfNeeded: magnitude))
    }

    /// Goes past a run of digits, adding them to `magnitude`. False when they do not fit.
    @inline(__always)
    private mutating func digits(_ magnitude: inout UInt64) -> Bool {
        var exact = true
        while position < end {
            let digit = bytes[position] &- ASCII.zero
            guard digit < 10 else { break }
            if magnitude < 1_844_674_407_370_955_161 {
                magnitude = magnitude &* 10 &+ UInt64(digit)
            } else {
                let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
                let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
                if overflow || carry { exact = false } else { magnitude = sum }
            }
            position &+= 1
        }
        return exact
    }

    /// The rest of a number that has a fraction or an exponent; `mantissa` is its whole part if that fits.
    private mutating func float(from start: Int, mantissa: UInt64?, negative: Bool) throws(JSONError) -> Double {
        var magnitude = mantissa ?? 0
        var exact = mantissa != nil
        var scale = 0
        if byte == ASCII.dot {
            position &+= 1
            let first = position
            exact = digits(&magnitude) && exact
            scale = first &- position
            guard scale != 0 else { throw error("expected digits after the decimal point") }
        }
        if byte | 0x20 == ASCII.lowerE {
            let exponent = try exponent()
            exact = exact && exponent != nil
            scale &+= exponent ?? 0
        }
        if exact, let value = Self.exactProduct(magnitude, scale) { return negative ? -value : value }
        let text = digitsText(start)
        guard let value = Double(text) else { throw JSONError("a number out of range", offset: start) }
        return value
    }

    /// The exponent, or nil when it is out of all proportion.
    private mutating func exponent() throws(JSONError) -> Int? {
        position &+= 1
        let negative = byte == ASCII.minus
        if negative || byte == ASCII.plus { position &+= 1 }
        guard ASCII.isDigit(byte) else { throw error("expected digits in the exponent") }
        var magnitude: UInt64 = 0
        guard digits(&magnitude), magnitude < 100_000 else { return nil }
        return negative ? -Int(magnitude) : Int(magnitude)
    }

    private func digitsText(_ start: Int) -> String {
        String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func bareToken(negative: Bool) throws(JSONError) -> JSONNumber {
        if byte == ASCII.upperI {
            try word("Infinity")
            return .double(negative ? -.infinity : .infinity)
        }
        guard !negative, byte == ASCII.upperN else { throw error("expected a value") }
        try word("NaN")
        return .double(.nan)
    }

    /// `mantissa` times ten to the `scale`, when both are exact in binary, so that one rounding gives the right result
    /// (Clinger, "How to read floating point numbers accurately", 1990).
    private static func exactProduct(_ mantissa: UInt64, _ scale: Int) -> Double? {
        guard mantissa <= 1 << 53, scale >= -22, scale <= 22 else { return nil }
        let value = Double(mantissa)
        return scale < 0 ? value / powers[-scale] : value * powers[scale]
    }

    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
