/// Writes JSON for requests to stores, piece by piece and without a tree in between: vectors are big.
///
/// The caller writes the punctuation, as ``raw(_:)``; numbers that JSON can't say (NaN, infinities) become `null`.
package struct JSONOutput: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    /// Text that is JSON already.
    package mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    package mutating func value(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var plain = utf8.startIndex
            for index in utf8.indices where utf8[index] < 0x20 || utf8[index] == 0x22 || utf8[index] == 0x5C {
                bytes.append(contentsOf: utf8[plain..<index])
                escape(utf8[index])
                plain = index + 1
            }
            bytes.append(contentsOf: utf8[plain...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func value(_ number: Int) { bytes.append(contentsOf: String(number).utf8) }

    package mutating func value(_ flag: Bool) { flag ? raw("true") : raw("false") }

    /// The shortest text that reads back as the same number, always with a fraction or an exponent.
    package mutating func value(_ number: Double) {
        guard number.isFinite else { return raw("null") }
        bytes.append(contentsOf: number.description.utf8)
    }

    /// An array of one element per item, `write` writes each.
    package mutating func array<Item>(_ items: some Collection<Item>, _ write: (inout JSONOutput, Item) -> Void) {
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for item in items {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            write(&self, item)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    package mutating func array(_ texts: [String]) { array(texts) { $0.value($1) } }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    mutating func append(_ piece: some Collection<UInt8>) { bytes.append(contentsOf: piece) }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5C: bytes.append(byte)
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        default:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: [0x75, 0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)]])
        }
    }
}
