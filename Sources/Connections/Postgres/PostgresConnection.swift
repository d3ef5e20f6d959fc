/// One connection of a pool, for the length of a turn that `PostgresPool.withConnection` or `transaction` gives.
///
/// Calls are carried out one after the other, in the order in which they are made. After the turn they throw `.closed`.
/// A call whose Swift task is cancelled is cancelled on the server. What a statement of the turn sets for the session
/// (`SET` without `LOCAL`) stays with the connection: use `set_config(…, true)` in a transaction.
package final class PostgresConnection: Sendable {
    init() {}

    /// Runs one statement; from its second use on it is prepared on this connection.
    ///
    /// - Parameter timeout: For this call; the pool's `statementTimeout` if `nil`.
    package func query(
        _ sql: String,
        _ parameters: [PostgresValue] = [],
        timeout: Duration? = nil
    ) async throws(PostgresError) -> PostgresRows {
        throw PostgresError(.closed, "not connected")
    }

    /// Sends all statements at once and waits once. Outside a transaction they are one: all take effect, or none.
    ///
    /// - Returns: The answers, in order.
    /// - Throws: The error of the first statement that failed; those behind it were not carried out.
    package func pipeline(
        _ statements: [PostgresStatement],
        timeout: Duration? = nil
    ) async throws(PostgresError) -> [PostgresRows] {
        throw PostgresError(.closed, "not connected")
    }

    /// Runs several statements, separated by `;`, that take no parameters: for migrations. Outside a transaction they
    /// are one, unless they hold `BEGIN` or `COMMIT` themselves.
    package func script(_ sql: String, timeout: Duration? = nil) async throws(PostgresError) {
        throw PostgresError(.closed, "not connected")
    }

    /// Runs `COPY … FROM STDIN` with the data in `chunks`, whose borders mean nothing.
    ///
    /// - Returns: How many rows were copied. It is all or nothing.
    package func copyIn(
        _ sql: String,
        _ chunks: [[UInt8]],
        timeout: Duration? = nil
    ) async throws(PostgresError) -> Int {
        throw PostgresError(.closed, "not connected")
    }

    /// The same with data that is made while it is sent; when the sequence throws, nothing is copied and its error is
    /// thrown on.
    package func copyIn<Chunks: AsyncSequence>(
        _ sql: String,
        from chunks: Chunks,
        timeout: Duration? = nil
    ) async throws -> Int where Chunks.Element == [UInt8] {
        throw PostgresError(.closed, "not connected")
    }
}
