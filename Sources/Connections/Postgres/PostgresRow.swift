/// One row of a result. Columns are named by name or by number, from 0.
///
/// Readers of a value throw `.invalid` when the column is not there, when the value is NULL (the `nullable…` ones return
/// nil) or when it is not of that kind.
package struct PostgresRow: Sendable {
    let result: PostgresResult
    let row: Int

    /// Any value in PostgreSQL's output syntax.
    package func text(_ column: PostgresColumn) throws(PostgresError) -> String {
        try some(nullableText(column), column)
    }

    package func int(_ column: PostgresColumn) throws(PostgresError) -> Int { try some(nullableInt(column), column) }

    package func double(_ column: PostgresColumn) throws(PostgresError) -> Double {
        try some(nullableDouble(column), column)
    }

    package func bool(_ column: PostgresColumn) throws(PostgresError) -> Bool { try some(nullableBool(column), column) }

    /// A `bytea`, or the UTF-8 of any other value.
    package func bytes(_ column: PostgresColumn) throws(PostgresError) -> [UInt8] {
        try some(nullableBytes(column), column)
    }

    package func isNull(_ column: PostgresColumn) throws(PostgresError) -> Bool {
        result.isNull(row, try index(of: column))
    }

    package func nullableText(_ column: PostgresColumn) throws(PostgresError) -> String? {
        try read(column) { String(decoding: $0, as: UTF8.self) }
    }

    package func nullableInt(_ column: PostgresColumn) throws(PostgresError) -> Int? {
        guard let number = try read(column, { Int(asciiDigits: $0) }) else { return nil }
        guard let number else { throw misfit(column, "a whole number") }
        return number
    }

    package func nullableDouble(_ column: PostgresColumn) throws(PostgresError) -> Double? {
        guard let text = try nullableText(column) else { return nil }
        guard let number = Double(text) else { throw misfit(column, "a number") }
        return number
    }

    package func nullableBool(_ column: PostgresColumn) throws(PostgresError) -> Bool? {
        guard let byte = try read(column, { $0.count == 1 ? $0[0] : 0 }) else { return nil }
        switch byte {
        case UInt8(ascii: "t"): return true
        case UInt8(ascii: "f"): return false
        default: throw misfit(column, "a boolean")
        }
    }

    package func nullableBytes(_ column: PostgresColumn) throws(PostgresError) -> [UInt8]? {
        let number = try index(of: column)
        guard result.type(ofColumn: number) == PostgresType.bytea else { return try read(column) { [UInt8]($0) } }
        guard let bytes = try read(column, { PostgresHex.decode($0) }) else { return nil }
        guard let bytes else { throw misfit(column, "a bytea in hex (bytea_output)") }
        return bytes
    }

    private func read<Value>(
        _ column: PostgresColumn,
        _ convert: (UnsafeRawBufferPointer) -> Value
    ) throws(PostgresError) -> Value? {
        let number = try index(of: column)
        return result.isNull(row, number) ? nil : result.withBytes(row, number, convert)
    }

    private func index(of column: PostgresColumn) throws(PostgresError) -> Int {
        switch column {
        case .name(let name):
            if let number = result.column(named: name) { return number }
        case .number(let number):
            if (0..<result.columns).contains(number) { return number }
        }
        let names = (0..<result.columns).map(result.name(ofColumn:)).joined(separator: ", ")
        throw PostgresError(.invalid, "the result has no column \(column); it has \(names.isEmpty ? "none" : names)")
    }

    private func some<Value>(_ value: Value?, _ column: PostgresColumn) throws(PostgresError) -> Value {
        guard let value else { throw PostgresError(.invalid, "column \(column) is NULL") }
        return value
    }

    private func misfit(_ column: PostgresColumn, _ kind: String) -> PostgresError {
        PostgresError(.invalid, "column \(column) does not hold \(kind)")
    }
}

/// A column of a result: its name, or its number from 0.
package enum PostgresColumn: Sendable, Hashable {
    case name(String)
    case number(Int)
}

extension PostgresColumn: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, CustomStringConvertible {
    package init(stringLiteral name: String) { self = .name(name) }
    package init(integerLiteral number: Int) { self = .number(number) }

    package var description: String {
        switch self {
        case .name(let name): "\"\(name)\""
        case .number(let number): "\(number)"
        }
    }
}
