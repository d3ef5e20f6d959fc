extension JSONInput {
    /// An array of numbers as 32-bit floats. A number beyond their range is infinite, as it is in C.
    package mutating func vector(expecting count: Int = 0) throws -> [Float] {
        var vector: [Float] = []
        vector.reserveCapacity(count)
        try array { vector.append(Float(try $0.number())) }
        return vector
    }

    /// A number. Up to 2⁵³ · 10^±22 both parts are exact in binary, so that one rounding gives the right result
    /// (Clinger, "How to read floating point numbers accurately", 1990); others take the general way.
    package mutating func number() throws -> Double {
        skipSpace()
        let start = position
        let isNegative = byte == UInt8(ascii: "-")
        if isNegative { position &+= 1 }
        var mantissa: UInt64 = 0
        var count = try digits(into: &mantissa)
        var exponent = 0
        if byte == UInt8(ascii: ".") {
            position &+= 1
            let decimals = try digits(into: &mantissa)
            count += decimals
            exponent = -decimals
        }
        if byte | 0x20 == UInt8(ascii: "e") { exponent += try self.exponent() }
        if count <= 18, mantissa <= 1 << 53, exponent.magnitude <= 22 {
            let value = Double(mantissa)
            let scaled = exponent < 0 ? value / Self.powers[-exponent] : value * Self.powers[exponent]
            return isNegative ? -scaled : scaled
        }
        guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw error("a number")
        }
        return value
    }

    @inline(__always)
    private mutating func digits(into mantissa: inout UInt64) throws -> Int {
        let start = position
        while position < bytes.count {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            mantissa = mantissa &* 10 &+ UInt64(digit)
            position &+= 1
        }
        guard position > start else { throw error("a digit") }
        return position &- start
    }

    private mutating func exponent() throws -> Int {
        position &+= 1
        let isNegative = byte == UInt8(ascii: "-")
        if isNegative || byte == UInt8(ascii: "+") { position &+= 1 }
        var magnitude: UInt64 = 0
        guard try digits(into: &magnitude) <= 6 else { return isNegative ? -1_000_000 : 1_000_000 }
        return isNegative ? -Int(magnitude) : Int(magnitude)
    }

    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    package mutating func string() throws -> String {
        try expect(UInt8(ascii: "\""))
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\") {
            position &+= 1
        }
        guard position < bytes.count else { throw error("the end of a string") }
        if bytes[position] == UInt8(ascii: "\"") {
            defer { position &+= 1 }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }
        return try escapedString(Array(bytes[start..<position]))
    }

    mutating func skipString() throws {
        position &+= 1
        while byte != UInt8(ascii: "\"") {
            position &+= byte == UInt8(ascii: "\\") ? 2 : 1
            guard position < bytes.count else { throw error("the end of a string") }
        }
        position &+= 1
    }

    private mutating func escapedString(_ plain: [UInt8]) throws -> String {
        var text = plain
        while position < bytes.count {
            let byte = bytes[position]
            position &+= 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text)
            default: text.append(byte)
            }
        }
        throw error("the end of a string")
    }

    private mutating func escape(into text: inout [UInt8]) throws {
        let letter = byte
        position &+= 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try escapedScalar()).utf8)
        default: throw error("an escape")
        }
    }

    /// Half of a surrogate pair alone becomes U+FFFD.
    private mutating func escapedScalar() throws -> Character {
        let first = try hex()
        if let scalar = Unicode.Scalar(first) { return Character(scalar) }
        guard first < 0xDC00, byte == UInt8(ascii: "\\"), position + 1 < bytes.count,
            bytes[position + 1] == UInt8(ascii: "u")
        else { return "\u{FFFD}" }
        let back = position
        position &+= 2
        let second = try hex()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else {
            position = back
            return "\u{FFFD}"
        }
        return Character(scalar)
    }

    private mutating func hex() throws -> UInt32 {
        guard position + 4 <= bytes.count,
            let value = UInt32(String(decoding: bytes[position..<(position + 4)], as: UTF8.self), radix: 16)
        else { throw error("four hexadecimal digits") }
        position &+= 4
        return value
    }
}
