extension JSONWriter {
    @inline(__always)
    static func append(_ value: Bool, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    static func append(_ value: Int, to bytes: inout [UInt8]) {
        guard value < 0 || value > 9 else { return bytes.append(ASCII.zero &+ UInt8(truncatingIfNeeded: value)) }
        if value < 0 { bytes.append(ASCII.minus) }
        append(magnitude: UInt64(value.magnitude), to: &bytes)
    }

    static func append(magnitude: UInt64, to bytes: inout [UInt8]) {
        // 2⁶⁴ has 20 digits.
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var index = 20
        var rest = magnitude
        repeat {
            index &-= 1
            digits[index] = ASCII.zero &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        while index < 20 {
            bytes.append(digits[index])
            index &+= 1
        }
    }

    /// Python's JSON has bare tokens for what is not finite.
    static func append(_ value: Double, to bytes: inout [UInt8]) {
        if value.isFinite { return PythonFloat.append(value, to: &bytes) }
        bytes.append(contentsOf: (value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity").utf8)
    }

    /// Appends a string in quotes, with everything but printable ASCII escaped.
    static func append(_ value: String, to bytes: inout [UInt8]) {
        bytes.append(ASCII.quote)
        if isPlain(value) {
            bytes.append(contentsOf: value.utf8)
        } else {
            for scalar in value.unicodeScalars { append(scalar, to: &bytes) }
        }
        bytes.append(ASCII.quote)
    }

    /// Whether a string is printable ASCII without quotes and backslashes.
    private static func isPlain(_ value: String) -> Bool {
        // Without an early exit, so that the compiler can test many bytes at once.
        let span = value.utf8.span
        var odd: UInt8 = 0
        for index in 0..<span.count {
            let byte = span[index]
            odd |= byte &- ASCII.space >= 0x5F ? 1 : 0
            odd |= byte == ASCII.quote ? 1 : 0
            odd |= byte == ASCII.backslash ? 1 : 0
        }
        return odd == 0
    }

    private static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        switch scalar {
        case "\"": bytes.append(contentsOf: #"\""#.utf8)
        case "\\": bytes.append(contentsOf: #"\\"#.utf8)
        case "\n": bytes.append(contentsOf: #"\n"#.utf8)
        case "\r": bytes.append(contentsOf: #"\r"#.utf8)
        case "\t": bytes.append(contentsOf: #"\t"#.utf8)
        case "\u{8}": bytes.append(contentsOf: #"\b"#.utf8)
        case "\u{C}": bytes.append(contentsOf: #"\f"#.utf8)
        case " "..<"\u{7F}": bytes.append(UInt8(truncatingIfNeeded: scalar.value))
        default: for unit in scalar.utf16 { appendUnit(unit, to: &bytes) }
        }
    }

    private static func appendUnit(_ unit: UInt16, to bytes: inout [UInt8]) {
        bytes.append(ASCII.backslash)
        bytes.append(ASCII.lowerU)
        for shift in [12, 8, 4, 0] {
            let digit = UInt8(truncatingIfNeeded: unit >> UInt16(shift)) & 0xF
            bytes.append(digit < 10 ? ASCII.zero + digit : 0x57 + digit)
        }
    }
}
