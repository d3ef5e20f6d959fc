import Foundation
import OrderedCollections

/// Writes YAML 1.1 in flow style, such that PyYAML's `safe_load` reads the same values.
public enum YAMLEncoder {
    /// The document as UTF-8.
    ///
    /// Texts are always quoted. Decimals and UUIDs go as texts, which is all that `safe_load` has for them.
    public static func encode(_ value: CeleryValue) -> [UInt8] {
        var text = ""
        append(value, &text)
        text += "\n"
        return Array(text.utf8)
    }

    private static func append(_ value: CeleryValue, _ text: inout String) {
        switch value {
        case .null: text += "null"
        case .bool(let bool): text += bool ? "true" : "false"
        case .int(let number): text += String(number)
        case .bigInt(let digits): text += digits
        case .double(let number): text += float(number)
        case .string(let string), .decimal(let string), .uuid(let string), .time(let string):
            appendQuoted(string, &text)
        case .bytes(let bytes): text += "!!binary \"\(Data(bytes).base64EncodedString())\""
        case .datetime(let iso): appendTime(iso, &text)
        case .date(let iso): appendTime(iso, &text)
        case .array(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += ", " }
                append(item, &text)
            }
            text += "]"
        case .map(let map):
            text += "{"
            for (index, (key, item)) in map.enumerated() {
                if index > 0 { text += ", " }
                appendQuoted(key, &text)
                text += ": "
                append(item, &text)
            }
            text += "}"
        }
    }

    /// A date in plain style if YAML knows its form, else as text.
    private static func appendTime(_ iso: String, _ text: inout String) {
        if YAMLTimestamp.parse(iso) != nil {
            text += iso
        } else {
            appendQuoted(iso, &text)
        }
    }

    /// YAML 1.1's floats need a point, and a sign in the exponent.
    private static func float(_ number: Double) -> String {
        if number.isNaN { return ".nan" }
        if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
        let text = number.description
        guard let exponent = text.firstIndex(of: "e") else { return text }
        var mantissa = String(text[..<exponent])
        var power = text[text.index(after: exponent)...]
        if !mantissa.contains(".") { mantissa += ".0" }
        let sign = power.first == "-" ? "-" : "+"
        power = power.drop { $0 == "-" || $0 == "+" }
        return "\(mantissa)e\(sign)\(power)"
    }

    private static func appendQuoted(_ string: String, _ text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar.value {
            case 0x22: text += "\\\""
            case 0x5c: text += "\\\\"
            case 0x20...0x7e, 0xa0...0xd7ff, 0xe000...0xfefe, 0xff00...0xfffd, 0x1_0000...:
                // Line and paragraph separators would be folded.
                if scalar.value == 0x2028 || scalar.value == 0x2029 { fallthrough }
                text.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            }
        }
        text += "\""
    }
}
