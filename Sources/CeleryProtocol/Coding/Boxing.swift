import Foundation
import OrderedCollections

/// Makes values from Swift's basic types, by the rules that ``CeleryEncoder`` documents.
enum Boxing {
    /// The value of a basic type; nil for a type that has to encode itself.
    static func basic<T>(_ value: T, _ path: CodingPath) throws -> CeleryValue? {
        if T.self == Bool.self { return (value as? Bool).map(CeleryValue.bool) }
        if T.self == Int.self { return (value as? Int).map(CeleryValue.int) }
        if T.self == String.self { return (value as? String).map(CeleryValue.string) }
        if T.self == Double.self { return (value as? Double).map(CeleryValue.double) }
        if T.self == Float.self { return (value as? Float).map { .double(double($0)) } }
        return try sized(value) ?? other(value, path)
    }

    /// The double with the digits that the float has, 0.1 for 0.1.
    static func double(_ value: Float) -> Double {
        value.isFinite ? Double(value.description) ?? Double(value) : Double(value)
    }

    static func integer(_ value: some FixedWidthInteger) -> CeleryValue {
        Int(exactly: value).map(CeleryValue.int) ?? .bigInt(String(value))
    }

    private static func sized<T>(_ value: T) -> CeleryValue? {
        if T.self == Int64.self { return (value as? Int64).map(integer) }
        if T.self == Int32.self { return (value as? Int32).map(integer) }
        if T.self == Int16.self { return (value as? Int16).map(integer) }
        if T.self == Int8.self { return (value as? Int8).map(integer) }
        if T.self == UInt.self { return (value as? UInt).map(integer) }
        if T.self == UInt64.self { return (value as? UInt64).map(integer) }
        if T.self == UInt32.self { return (value as? UInt32).map(integer) }
        if T.self == UInt16.self { return (value as? UInt16).map(integer) }
        if T.self == UInt8.self { return (value as? UInt8).map(integer) }
        if T.self == Int128.self { return (value as? Int128).map(integer) }
        if T.self == UInt128.self { return (value as? UInt128).map(integer) }
        return nil
    }

    private static func other<T>(_ value: T, _ path: CodingPath) throws -> CeleryValue? {
        if T.self == CeleryValue.self { return value as? CeleryValue }
        if T.self == CeleryMap.self { return (value as? CeleryMap).map(CeleryValue.map) }
        if T.self == [CeleryValue].self { return (value as? [CeleryValue]).map(CeleryValue.array) }
        if T.self == [UInt8].self { return (value as? [UInt8]).map(CeleryValue.bytes) }
        if T.self == Data.self { return (value as? Data).map { .bytes([UInt8]($0)) } }
        if T.self == UUID.self { return (value as? UUID).map { .uuid(hex($0)) } }
        if T.self == Decimal.self { return (value as? Decimal).map { .decimal($0.isNaN ? "NaN" : $0.description) } }
        if T.self == URL.self { return (value as? URL).map { .string($0.absoluteString) } }
        if T.self == Date.self, let date = value as? Date { return .datetime(try iso(date, path)) }
        return nil
    }

    private static func hex(_ uuid: UUID) -> String {
        uuid.uuidString.lowercased().replacing("-", with: "")
    }

    private static func iso(_ date: Date, _ path: CodingPath) throws -> String {
        let microseconds = (date.timeIntervalSince1970 * 1_000_000).rounded()
        guard microseconds.isFinite, (-62_135_596_800_000_000..<253_402_300_800_000_000).contains(microseconds) else {
            // Not an EncodingError, which would carry the date: Foundation traps when it prints one that is not finite.
            let reason = "a Date outside the years 1 to 9999, which Python's datetime cannot hold"
            throw CeleryCodingError(path: path.text, reason: reason)
        }
        return Timestamp(microsecondsSince1970: Int64(microseconds)).iso
    }
}
