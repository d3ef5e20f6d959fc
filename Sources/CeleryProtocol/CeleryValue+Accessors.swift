import OrderedCollections

extension CeleryValue {
    /// Whether this is `null`, Python's `None`.
    public var isNull: Bool { self == .null }

    public var boolValue: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    public var intValue: Int? {
        guard case .int(let value) = self else { return nil }
        return value
    }

    /// The number as a double, whether it was written with a fraction or not.
    public var doubleValue: Double? {
        switch self {
        case .double(let value): value
        case .int(let value): Double(value)
        case .bigInt(let digits): Double(digits)
        default: nil
        }
    }

    public var stringValue: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    public var bytesValue: [UInt8]? {
        guard case .bytes(let value) = self else { return nil }
        return value
    }

    public var arrayValue: [CeleryValue]? {
        guard case .array(let value) = self else { return nil }
        return value
    }

    public var mapValue: CeleryMap? {
        guard case .map(let value) = self else { return nil }
        return value
    }

    /// The value of a key, when this is a map that has it.
    public subscript(key: String) -> CeleryValue? {
        guard case .map(let map) = self else { return nil }
        return map[key]
    }

    /// The name of the Python type that this value has there: `int`, `str`, `list`, `None`, …
    public var pythonTypeName: String {
        switch self {
        case .null: "None"
        case .bool: "bool"
        case .int, .bigInt: "int"
        case .double: "float"
        case .string: "str"
        case .bytes: "bytes"
        case .array: "list"
        case .map: "dict"
        case .datetime: "datetime"
        case .date: "date"
        case .time: "time"
        case .decimal: "Decimal"
        case .uuid: "UUID"
        }
    }
}
