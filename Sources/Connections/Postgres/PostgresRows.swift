/// What one statement answered: rows, or how many rows it changed.
///
/// The rows stay in libpq's memory, and values are read out of it on demand: a large result costs no copy. It is freed
/// with the last `PostgresRows` or `PostgresRow` of it.
package struct PostgresRows: Sendable, RandomAccessCollection {
    let result: PostgresResult

    /// The names of the columns, in order. Empty for a statement that returns no rows.
    package var columns: [String] { (0..<result.columns).map(result.name(ofColumn:)) }
    /// How many rows were inserted, updated, deleted, copied or selected; 0 for other commands.
    package var affected: Int { result.affected }
    /// What was done, as the server says it: `INSERT 0 1`, `CREATE TABLE`.
    package var command: String { result.command }

    package var startIndex: Int { 0 }
    package var endIndex: Int { result.rows }

    package subscript(row: Int) -> PostgresRow {
        precondition(indices.contains(row), "row \(row) of \(count)")
        return PostgresRow(result: result, row: row)
    }
}
