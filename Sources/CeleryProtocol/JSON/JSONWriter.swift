import Foundation
import OrderedCollections

/// Writes JSON as `kombu.utils.json.dumps` does, byte for byte: `", "` and `": "` between elements, everything outside
/// printable ASCII escaped, floats as Python prints them, and envelopes for what JSON has no form for.
public enum JSONWriter {
    /// Appends the text of a value.
    public static func write(_ value: CeleryValue, into bytes: inout [UInt8]) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): append(value, to: &bytes)
        case .int(let value): append(value, to: &bytes)
        case .bigInt(let digits): bytes.append(contentsOf: digits.utf8)
        case .double(let value): append(value, to: &bytes)
        case .string(let value): append(value, to: &bytes)
        case .bytes(let value): append(value, to: &bytes)
        case .array(let elements): write(elements, into: &bytes)
        case .map(let map): write(map, into: &bytes)
        case .datetime(let iso): envelope("datetime", iso, to: &bytes)
        case .date(let iso): envelope("date", iso, to: &bytes)
        case .time(let iso): envelope("time", iso, to: &bytes)
        case .decimal(let digits): envelope("decimal", digits, to: &bytes)
        case .uuid(let hex): appendUUID(hex, to: &bytes)
        }
    }

    /// The bytes of a value's text.
    public static func bytes(_ value: CeleryValue) -> [UInt8] {
        var bytes: [UInt8] = []
        write(value, into: &bytes)
        return bytes
    }

    /// Appends a list.
    public static func write(_ elements: [CeleryValue], into bytes: inout [UInt8]) {
        bytes.append(ASCII.openBracket)
        var first = true
        for element in elements {
            if !first { separate(&bytes) }
            first = false
            write(element, into: &bytes)
        }
        bytes.append(ASCII.closeBracket)
    }

    /// Appends an object, in the order of its keys.
    public static func write(_ map: CeleryMap, into bytes: inout [UInt8]) {
        bytes.append(ASCII.openBrace)
        var first = true
        for (key, value) in map {
            if !first { separate(&bytes) }
            first = false
            append(key, to: &bytes)
            bytes.append(ASCII.colon)
            bytes.append(ASCII.space)
            write(value, into: &bytes)
        }
        bytes.append(ASCII.closeBrace)
    }

    @inline(__always)
    static func separate(_ bytes: inout [UInt8]) {
        bytes.append(ASCII.comma)
        bytes.append(ASCII.space)
    }

    static func envelope(_ type: String, _ value: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: #"{"__type__": "#.utf8)
        append(type, to: &bytes)
        bytes.append(contentsOf: #", "__value__": "#.utf8)
        append(value, to: &bytes)
        bytes.append(ASCII.closeBrace)
    }

    static func appendUUID(_ hex: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: #"{"__type__": "uuid", "__value__": {"hex": "#.utf8)
        append(hex, to: &bytes)
        bytes.append(contentsOf: "}}".utf8)
    }

    /// Bytes that are UTF-8 keep their text; others become base64.
    static func append(_ value: [UInt8], to bytes: inout [UInt8]) {
        if let text = String(validating: value, as: UTF8.self) {
            envelope("bytes", text, to: &bytes)
        } else {
            envelope("base64", Data(value).base64EncodedString(), to: &bytes)
        }
    }
}
