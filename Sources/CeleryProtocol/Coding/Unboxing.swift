import Foundation
import OrderedCollections

/// Makes Swift's basic types from values, by the rules that ``CeleryDecoder`` documents.
enum Unboxing {
    /// The value as a basic type; nil when `type` is none of them and has to decode itself.
    static func basic<T>(_ type: T.Type, _ value: CeleryValue, _ path: CodingPath) throws -> T? {
        if T.self == Bool.self { return try bool(value, path) as? T }
        if T.self == String.self { return try string(value, path) as? T }
        if T.self == Double.self { return try double(value, path) as? T }
        if T.self == Float.self { return Float(try double(value, path)) as? T }
        if T.self == Int.self { return try integer(Int.self, value, path) as? T }
        return try sized(type, value, path) ?? other(type, value, path)
    }

    private static func sized<T>(_ type: T.Type, _ value: CeleryValue, _ path: CodingPath) throws -> T? {
        if T.self == Int64.self { return try integer(Int64.self, value, path) as? T }
        if T.self == Int32.self { return try integer(Int32.self, value, path) as? T }
        if T.self == Int16.self { return try integer(Int16.self, value, path) as? T }
        if T.self == Int8.self { return try integer(Int8.self, value, path) as? T }
        if T.self == UInt.self { return try integer(UInt.self, value, path) as? T }
        if T.self == UInt64.self { return try integer(UInt64.self, value, path) as? T }
        if T.self == UInt32.self { return try integer(UInt32.self, value, path) as? T }
        if T.self == UInt16.self { return try integer(UInt16.self, value, path) as? T }
        if T.self == UInt8.self { return try integer(UInt8.self, value, path) as? T }
        if T.self == Int128.self { return try integer(Int128.self, value, path) as? T }
        if T.self == UInt128.self { return try integer(UInt128.self, value, path) as? T }
        return nil
    }

    private static func other<T>(_ type: T.Type, _ value: CeleryValue, _ path: CodingPath) throws -> T? {
        if T.self == CeleryValue.self { return value as? T }
        if T.self == Date.self { return try date(value, path) as? T }
        if T.self == Data.self { return Data(try bytes(value, path)) as? T }
        if T.self == UUID.self { return try uuid(value, path) as? T }
        if T.self == Decimal.self { return try decimal(value, path) as? T }
        if T.self == URL.self { return try url(value, path) as? T }
        if T.self == CeleryMap.self { return try map(value, path) as? T }
        if T.self == [UInt8].self, case .bytes(let bytes) = value { return bytes as? T }
        if T.self == [CeleryValue].self, case .array(let elements) = value { return elements as? T }
        return nil
    }

    /// Whether a type is made from a value as a whole, envelopes included, rather than by decoding itself.
    static func needsValue<T>(_ type: T.Type) -> Bool {
        T.self == CeleryValue.self || T.self == Date.self || T.self == Data.self || T.self == UUID.self
            || T.self == Decimal.self || T.self == URL.self || T.self == CeleryMap.self || T.self == [UInt8].self
            || T.self == [CeleryValue].self || T.self == Int128.self || T.self == UInt128.self
    }

    static func mismatch(_ expected: String, _ value: CeleryValue, _ path: CodingPath) -> DecodingError {
        mismatch(expected, found: value.pythonTypeName, path)
    }

    static func mismatch(_ expected: String, found: String, _ path: CodingPath) -> DecodingError {
        let text = "expected \(expected), found \(found)"
        return .typeMismatch(Any.self, .init(codingPath: path.keys, debugDescription: text))
    }

    private static func bool(_ value: CeleryValue, _ path: CodingPath) throws -> Bool {
        guard case .bool(let bool) = value else { throw mismatch("bool", value, path) }
        return bool
    }

    private static func string(_ value: CeleryValue, _ path: CodingPath) throws -> String {
        guard case .string(let text) = value else { throw mismatch("str", value, path) }
        return text
    }

    private static func double(_ value: CeleryValue, _ path: CodingPath) throws -> Double {
        switch value {
        case .double(let number): return number
        case .int(let number): return Double(number)
        case .bigInt(let digits):
            guard let number = Double(digits), number.isFinite else {
                throw mismatch("float", found: "int too large to convert to float", path)
            }
            return number
        default: throw mismatch("float", value, path)
        }
    }

    static func integer<I: FixedWidthInteger>(
        _ type: I.Type,
        _ value: CeleryValue,
        _ path: CodingPath
    ) throws -> I {
        let result: I?
        let text: String
        switch value {
        case .int(let number): (result, text) = (I(exactly: number), String(number))
        case .bigInt(let digits): (result, text) = (I(digits), digits)
        case .double(let number):
            guard number.magnitude <= 0x1p53, let whole = Int(exactly: number) else {
                throw mismatch("int", found: "float \(PythonFloat.text(number))", path)
            }
            (result, text) = (I(exactly: whole), String(whole))
        default: throw mismatch("int", value, path)
        }
        if let result { return result }
        let found = text.utf8.count > 40 ? "one of \(text.utf8.count) digits" : text
        throw mismatch("int from \(I.min) to \(I.max)", found: found, path)
    }
}
