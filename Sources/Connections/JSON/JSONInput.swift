/// Reads the JSON of a store's answer from front to back, without a tree in between: vectors are big.
///
/// The caller says what it expects; anything else throws ``JSONInputError``. At most 64 levels deep.
package struct JSONInput {
    let bytes: [UInt8]
    var position = 0
    private var depth = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Calls `body` for each member; it must read the value, or skip it. Keys that occur twice are given twice.
    package mutating func object(_ body: (String, inout JSONInput) throws -> Void) throws {
        try enter(UInt8(ascii: "{"))
        skipSpace()
        guard byte != UInt8(ascii: "}") else { return leave() }
        while true {
            skipSpace()
            let key = try string()
            try expect(UInt8(ascii: ":"))
            try body(key, &self)
            guard try another(before: UInt8(ascii: "}")) else {
                depth -= 1
                return
            }
        }
    }

    /// Calls `body` for each element; it must read the value, or skip it.
    package mutating func array(_ body: (inout JSONInput) throws -> Void) throws {
        try enter(UInt8(ascii: "["))
        skipSpace()
        guard byte != UInt8(ascii: "]") else { return leave() }
        while true {
            try body(&self)
            guard try another(before: UInt8(ascii: "]")) else {
                depth -= 1
                return
            }
        }
    }

    /// True, past it, when the value is `null`.
    package mutating func null() -> Bool {
        skipSpace()
        return word("null")
    }

    package mutating func bool() throws -> Bool {
        skipSpace()
        if word("true") { return true }
        if word("false") { return false }
        throw error("true or false")
    }

    /// A string, a number, true or false; nil, past it, for `null`, an array or an object.
    package mutating func scalar() throws -> MetadataValue? {
        skipSpace()
        switch byte {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool(try bool())
        case UInt8(ascii: "n"), UInt8(ascii: "["), UInt8(ascii: "{"):
            try skip()
            return nil
        default:
            let start = position
            let number = try number()
            let text = bytes[start..<position]
            guard !text.contains(where: { $0 == 0x2E || $0 | 0x20 == 0x65 }) else { return .double(number) }
            return Int(String(decoding: text, as: UTF8.self)).map { .int($0) } ?? .double(number)
        }
    }

    /// Goes past any value.
    package mutating func skip() throws {
        skipSpace()
        switch byte {
        case UInt8(ascii: "{"): try object { try $1.skip() }
        case UInt8(ascii: "["): try array { try $0.skip() }
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
        case UInt8(ascii: "n"): guard null() else { throw error("null") }
        default: _ = try number()
        }
    }

    package mutating func int() throws -> Int {
        skipSpace()
        let start = position
        let number = try number()
        guard let exact = Int(String(decoding: bytes[start..<position], as: UTF8.self)) ?? Int(exactly: number) else {
            throw error("a whole number")
        }
        return exact
    }
}

extension JSONInput {
    /// The byte at the current place, or 0 at the end.
    @inline(__always)
    var byte: UInt8 { position < bytes.count ? bytes[position] : 0 }

    @inline(__always)
    mutating func skipSpace() {
        while byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position &+= 1 }
    }

    func error(_ expected: String) -> JSONInputError { JSONInputError(offset: position, expected: expected) }

    mutating func expect(_ wanted: UInt8) throws {
        skipSpace()
        guard byte == wanted else { throw error("\"\(Character(Unicode.Scalar(wanted)))\"") }
        position &+= 1
    }

    mutating func word(_ word: StaticString) -> Bool {
        let matches = word.withUTF8Buffer { wanted in
            position + wanted.count <= bytes.count && bytes[position..<(position + wanted.count)].elementsEqual(wanted)
        }
        if matches { position += word.utf8CodeUnitCount }
        return matches
    }

    private mutating func enter(_ open: UInt8) throws {
        try expect(open)
        depth += 1
        guard depth <= 64 else { throw error("at most 64 levels of arrays and objects") }
    }

    private mutating func leave() {
        position &+= 1
        depth -= 1
    }

    private mutating func another(before close: UInt8) throws -> Bool {
        skipSpace()
        let found = byte
        guard found == UInt8(ascii: ",") || found == close else { throw error("\",\" or the closing bracket") }
        position &+= 1
        return found != close
    }
}
