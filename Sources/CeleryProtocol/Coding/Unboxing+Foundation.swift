import Foundation

extension Unboxing {
    static func date(_ value: CeleryValue, _ path: CodingPath) throws -> Date {
        switch value {
        case .datetime(let iso), .date(let iso), .string(let iso):
            guard let parts = ISODateTime(iso, offsetSeconds: true) else {
                throw mismatch("datetime", found: "text that is not ISO 8601", path)
            }
            return Date(timeIntervalSince1970: Timestamp(parts).secondsSince1970)
        default: throw mismatch("datetime", value, path)
        }
    }

    static func bytes(_ value: CeleryValue, _ path: CodingPath) throws -> [UInt8] {
        guard case .bytes(let bytes) = value else { throw mismatch("bytes", value, path) }
        return bytes
    }

    static func map(_ value: CeleryValue, _ path: CodingPath) throws -> CeleryMap {
        guard case .map(let map) = value else { throw mismatch("dict", value, path) }
        return map
    }

    static func uuid(_ value: CeleryValue, _ path: CodingPath) throws -> UUID {
        switch value {
        case .uuid(let text), .string(let text):
            guard let hex = PythonUUID.hex(text), let uuid = UUID(uuidString: PythonUUID.hyphenated(hex)) else {
                throw mismatch("UUID", found: "text that is not a UUID", path)
            }
            return uuid
        default: throw mismatch("UUID", value, path)
        }
    }

    static func decimal(_ value: CeleryValue, _ path: CodingPath) throws -> Decimal {
        let text: String
        switch value {
        case .decimal(let digits), .bigInt(let digits): text = digits
        case .int(let number): text = String(number)
        case .double(let number): text = PythonFloat.text(number)
        default: throw mismatch("Decimal", value, path)
        }
        if text.lowercased() == "nan" { return .nan }
        // Python's point may stand without a digit before or after it, Foundation's text ends at what it can't read.
        guard text.utf8.allSatisfy({ ASCII.isDigit($0) || "+-.eE".utf8.contains($0) }),
            let decimal = Decimal(string: text, locale: nil)
        else {
            throw mismatch(
                "Decimal",
                found: "Decimal('\(text.prefix(60))'), which Foundation's Decimal cannot hold",
                path
            )
        }
        return decimal
    }

    static func url(_ value: CeleryValue, _ path: CodingPath) throws -> URL {
        guard case .string(let text) = value else { throw mismatch("str", value, path) }
        guard let url = URL(string: text) else { throw mismatch("URL", found: "text that is not one", path) }
        return url
    }
}
