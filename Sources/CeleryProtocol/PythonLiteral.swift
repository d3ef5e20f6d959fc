/// Python's `repr` of single values.
enum PythonLiteral {
    /// The `repr` of a value that is neither text nor a container.
    static func scalar(_ value: CeleryValue) -> String {
        switch value {
        case .null: "None"
        case .bool(let value): value ? "True" : "False"
        case .int(let value): String(value)
        case .bigInt(let digits): digits
        case .double(let value): PythonFloat.text(value)
        case .decimal(let digits): "Decimal('\(digits)')"
        case .uuid(let hex): "UUID('\(PythonUUID.hyphenated(hex))')"
        case .datetime(let iso): datetime(iso)
        case .date(let iso): date(iso)
        case .time(let iso): time(iso)
        case .string, .bytes, .array, .map: ""
        }
    }

    /// A string in quotes, double ones if it has single ones only, with escapes for what cannot be printed.
    static func string(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
        var result = String(quote)
        for scalar in scalars {
            if scalar == quote || scalar == "\\" {
                result += "\\" + String(scalar)
            } else if let escape = escape(scalar) {
                result += escape
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result + String(quote)
    }

    static func bytes(_ bytes: [UInt8]) -> String {
        let quote: Unicode.Scalar = bytes.contains(0x27) && !bytes.contains(ASCII.quote) ? "\"" : "'"
        var result = "b" + String(quote)
        for byte in bytes {
            let scalar = Unicode.Scalar(byte)
            if scalar == quote || scalar == "\\" {
                result += "\\" + String(scalar)
            } else if byte >= 0x7F {
                result += "\\x" + hex([byte])
            } else {
                result += escape(scalar) ?? String(scalar)
            }
        }
        return result + String(quote)
    }

    static func hex(_ bytes: [UInt8]) -> String {
        var digits: [UInt8] = []
        for byte in bytes {
            for digit in [byte >> 4, byte & 0xF] { digits.append(digit < 10 ? ASCII.zero + digit : 0x57 + digit) }
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// The escape of a character that Python does not print, or nil.
    private static func escape(_ scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case " "..."~": return nil
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            break
        default: return nil
        }
        let digits = String(scalar.value, radix: 16)
        let (mark, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
        return "\\" + mark + String(repeating: "0", count: width - digits.count) + digits
    }

    private static func datetime(_ iso: String) -> String {
        guard let parts = ISODateTime(iso, offsetSeconds: true) else { return iso }
        return "datetime.datetime(\(parts.year), \(parts.month), \(parts.day), \(clock(parts)))"
    }

    private static func date(_ iso: String) -> String {
        guard let parts = ISODateTime(iso, offsetSeconds: true) else { return iso }
        return "datetime.date(\(parts.year), \(parts.month), \(parts.day))"
    }

    private static func time(_ iso: String) -> String {
        guard let parts = ISODateTime("1970-01-01T" + iso, offsetSeconds: true) else { return iso }
        return "datetime.time(\(clock(parts)))"
    }

    /// Hour, minute and, unless they are zero, second and microsecond; then the zone.
    private static func clock(_ parts: ISODateTime) -> String {
        var text = "\(parts.hour), \(parts.minute)"
        if parts.second != 0 || parts.microsecond != 0 { text += ", \(parts.second)" }
        if parts.microsecond != 0 { text += ", \(parts.microsecond)" }
        guard let offset = parts.offset else { return text }
        if offset == 0 { return text + ", tzinfo=datetime.timezone.utc" }
        let days = offset < 0 ? "days=-1, " : ""
        let seconds = offset < 0 ? offset + 86_400 : offset
        return text + ", tzinfo=datetime.timezone(datetime.timedelta(\(days)seconds=\(seconds)))"
    }
}
