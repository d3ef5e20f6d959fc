/// A parameter of a statement: it is sent beside the SQL, never inside it.
///
/// The server infers the type of all but `bytes` from the SQL (`$1::jsonb` says it where that is not clear), so `text`
/// also carries dates, UUIDs, JSON and numbers in PostgreSQL's input syntax. `bytes` is always a `bytea`.
package enum PostgresValue: Sendable, Hashable {
    case null
    /// Must not hold U+0000, which PostgreSQL can't store: the call throws `.invalid`.
    case text(String)
    case int(Int64)
    case double(Double)
    case bool(Bool)
    case bytes([UInt8])

    package static func int(_ number: Int) -> PostgresValue { .int(Int64(number)) }
}

extension PostgresValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
}
