/// A statement that is ready to be sent.
struct PostgresEncodedStatement: Sendable {
    /// What makes two statements the same to the server: the text, and which parameters are given as `bytea`.
    struct Key: Sendable, Hashable {
        let sql: String
        let types: [UInt32]
    }

    let key: Key
    let parameters: PostgresParameters

    var sql: String { key.sql }
    /// About how many bytes it is on the wire.
    var size: Int { sql.utf8.count + parameters.data.count + parameters.count * 8 }

    init(_ sql: String, _ values: [PostgresValue]) throws(PostgresError) {
        try Self.check(sql)
        parameters = try PostgresParameters(values)
        key = Key(sql: sql, types: parameters.hasBytes ? parameters.types : [])
    }

    /// libpq takes SQL as a C string, which a NUL would cut.
    static func check(_ sql: String) throws(PostgresError) {
        guard !sql.utf8.contains(0) else { throw PostgresError(.invalid, "the SQL holds U+0000") }
    }
}
