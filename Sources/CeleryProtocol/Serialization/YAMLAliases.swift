/// Refuses, before parsing, texts whose aliases would be compared as keys of maps.
///
/// An alias costs nothing until it is unfolded, which the converter counts. But the parser hashes the keys of maps, and
/// a key made of nested aliases ("billion laughs") would take it for ever. Aliases are therefore not allowed together
/// with keys that are no scalars. The check looks at bytes only, so it may refuse a text that has both in its strings.
enum YAMLAliases {
    static func check(_ bytes: [UInt8], _ range: Range<Int>) throws(SerializationError) {
        let span = bytes.span
        var hasAlias = false
        var hasComplexKey = false
        for index in range {
            switch span[index] {
            case UInt8(ascii: "*") where startsToken(span, index, range):
                hasAlias = true
                hasComplexKey = hasComplexKey || isAliasKey(span, index, range)
            case UInt8(ascii: "?") where startsToken(span, index, range): hasComplexKey = true
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                hasComplexKey = hasComplexKey || precedesColon(span, index + 1, range)
            default: continue
            }
            if hasAlias, hasComplexKey {
                throw SerializationError("YAML with aliases and with keys that are no plain texts is refused")
            }
        }
    }

    private static func startsToken(_ span: Span<UInt8>, _ index: Int, _ range: Range<Int>) -> Bool {
        guard index > range.lowerBound else { return true }
        switch span[index - 1] {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            return false
        default: return true
        }
    }

    /// Whether the alias at `index` is followed by a colon.
    private static func isAliasKey(_ span: Span<UInt8>, _ index: Int, _ range: Range<Int>) -> Bool {
        var at = index + 1
        while at < range.upperBound, !isSpace(span[at]), span[at] != UInt8(ascii: ":"), span[at] != UInt8(ascii: ",") {
            at += 1
        }
        return precedesColon(span, at, range)
    }

    private static func precedesColon(_ span: Span<UInt8>, _ start: Int, _ range: Range<Int>) -> Bool {
        var at = start
        while at < range.upperBound, isSpace(span[at]) {
            at += 1
        }
        return at < range.upperBound && span[at] == UInt8(ascii: ":")
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }
}
