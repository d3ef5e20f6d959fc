import Foundation
import OrderedCollections

/// Opens kombu's envelopes: objects with exactly the keys `__type__` and `__value__` (`kombu/utils/json.py`).
enum JSONEnvelope {
    struct Failure: Error {
        let reason: String
    }

    static func open(type: CeleryValue, value: CeleryValue) throws(Failure) -> CeleryValue {
        guard case .string(let name) = type else {
            throw Failure(reason: "Unsupported type: __type__ is \(type.pythonTypeName), not str")
        }
        switch name {
        case "datetime": return .datetime(try iso(value, name))
        case "date": return .date(try date(value))
        case "time": return .time(try time(value))
        case "decimal": return .decimal(try decimal(value))
        case "uuid": return .uuid(try uuid(value))
        case "bytes": return .bytes(Array(try text(value, name).utf8))
        case "base64": return .bytes(try base64(value))
        default: throw Failure(reason: "Unsupported type '\(name)' in a __type__ envelope")
        }
    }

    private static func text(_ value: CeleryValue, _ name: String) throws(Failure) -> String {
        guard case .string(let text) = value else {
            throw Failure(reason: "the __value__ of a \(name) is \(value.pythonTypeName), not str")
        }
        return text
    }

    private static func iso(_ value: CeleryValue, _ name: String) throws(Failure) -> String {
        let text = try text(value, name)
        guard ISODateTime(text, offsetSeconds: true) != nil else { throw Failure(reason: "invalid isoformat string") }
        return text
    }

    /// kombu reads a date as a datetime and forgets the time.
    private static func date(_ value: CeleryValue) throws(Failure) -> String {
        let text = try text(value, "date")
        guard let parts = ISODateTime(text, offsetSeconds: true) else {
            throw Failure(reason: "invalid isoformat string")
        }
        return parts.dateText
    }

    private static func time(_ value: CeleryValue) throws(Failure) -> String {
        let text = try text(value, "time")
        guard ISODateTime("1970-01-01T" + text, offsetSeconds: true) != nil else {
            throw Failure(reason: "invalid isoformat string")
        }
        return text
    }

    private static func decimal(_ value: CeleryValue) throws(Failure) -> String {
        switch value {
        case .int(let number): return String(number)
        case .bigInt(let digits): return digits
        default: break
        }
        let text = try text(value, "decimal")
        guard isDecimal(text) else { throw Failure(reason: "invalid decimal literal") }
        return text
    }

    /// What `str(Decimal)` prints: digits with a point and an exponent, or a special value.
    private static func isDecimal(_ text: String) -> Bool {
        var rest = Substring(text)
        if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
        let special = rest.lowercased()
        if special == "infinity" || special == "inf" { return true }
        for prefix in ["snan", "nan"] where special.hasPrefix(prefix) {
            return special.dropFirst(prefix.count).utf8.allSatisfy(ASCII.isDigit)
        }
        let parts = special.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 {
            let exponent = parts[1].first == "-" || parts[1].first == "+" ? parts[1].dropFirst() : parts[1]
            guard !exponent.isEmpty, exponent.utf8.allSatisfy(ASCII.isDigit) else { return false }
        }
        let digits = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).joined()
        return !digits.isEmpty && digits.utf8.allSatisfy(ASCII.isDigit)
    }

    /// `{"hex": "…"}` as kombu writes it, or the text alone; with or without hyphens, braces and `urn:uuid:`.
    private static func uuid(_ value: CeleryValue) throws(Failure) -> String {
        var content = value
        if case .map(let map) = value {
            guard map.count == 1, let hex = map["hex"] else { throw Failure(reason: "a uuid without its hex digits") }
            content = hex
        }
        guard let hex = PythonUUID.hex(try text(content, "uuid")) else {
            throw Failure(reason: "badly formed hexadecimal UUID string")
        }
        return hex
    }

    private static func base64(_ value: CeleryValue) throws(Failure) -> [UInt8] {
        let text = try text(value, "base64")
        guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else {
            throw Failure(reason: "invalid base64")
        }
        return [UInt8](data)
    }
}
