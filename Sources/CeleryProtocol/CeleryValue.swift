public import OrderedCollections

/// Any value that a Celery message can carry: JSON's values, kombu's `__type__` envelopes, and bytes.
///
/// Values keep what the wire said: a datetime stays its ISO text, a number too large for `Int` its digits.
/// The envelopes are those of `kombu/utils/json.py`.
public enum CeleryValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int)
    /// The decimal digits of an integer that does not fit `Int`.
    case bigInt(String)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case array([CeleryValue])
    case map(CeleryMap)
    /// ISO 8601 text.
    case datetime(String)
    case date(String)
    case time(String)
    /// The digits as Python's `str(Decimal)` prints them.
    case decimal(String)
    /// 32 hexadecimal digits.
    case uuid(String)
}

/// A map that keeps the order of its keys, as Python's `dict` does.
public typealias CeleryMap = OrderedDictionary<String, CeleryValue>

extension CeleryValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: CeleryValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, CeleryValue)...) {
        self = .map(CeleryMap(elements, uniquingKeysWith: { $1 }))
    }
}
