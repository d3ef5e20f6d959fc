/// One connection of a pool, for the length of a turn that `PostgresPool.withConnection` or `transaction` gives.
///
/// Calls are carried out one after the other, in the order in which they are made. After the turn they throw `.closed`.
/// A call whose Swift task is cancelled is cancelled on the server. What a statement of the turn sets for the session
/// (`SET` without `LOCAL`) stays with the connection: use `set_config(…, true)` in a transaction.
package final class PostgresConnection: Sendable {
    private let caller: PostgresCaller
    let turn: PostgresTurn

    init(_ caller: PostgresCaller, turn: PostgresTurn) {
        self.caller = caller
        self.turn = turn
    }

    /// Runs one statement; from its second use on it is prepared on this connection.
    ///
    /// - Parameter timeout: For this call; the pool's `statementTimeout` if `nil`.
    package func query(
        _ sql: String,
        _ parameters: [PostgresValue] = [],
        timeout: Duration? = nil
    ) async throws(PostgresError) -> PostgresRows {
        try await caller.query(sql, parameters, timeout: timeout, turn: turn)
    }

    /// Sends all statements at once and waits once. Outside a transaction they are one: all take effect, or none.
    ///
    /// - Returns: The answers, in order.
    /// - Throws: The error of the first statement that failed; those behind it were not carried out.
    package func pipeline(
        _ statements: [PostgresStatement],
        timeout: Duration? = nil
    ) async throws(PostgresError) -> [PostgresRows] {
        try await caller.pipeline(statements, timeout: timeout, turn: turn)
    }

    /// Runs several statements, separated by `;`, that take no parameters: for migrations. Outside a transaction they
    /// are one, unless they hold `BEGIN` or `COMMIT` themselves.
    package func script(_ sql: String, timeout: Duration? = nil) async throws(PostgresError) {
        try PostgresEncodedStatement.check(sql)
        _ = try await caller.call(.script(sql), timeout: timeout, turn: turn)
    }

    /// Runs `COPY … FROM STDIN` with the data in `chunks`, whose borders mean nothing.
    ///
    /// - Parameter timeout: How long the server may take for each piece.
    /// - Returns: How many rows were copied. It is all or nothing.
    package func copyIn(
        _ sql: String,
        _ chunks: [[UInt8]],
        timeout: Duration? = nil
    ) async throws(PostgresError) -> Int {
        try PostgresEncodedStatement.check(sql)
        let rows = try await caller.call(.copy(sql, PostgresCopyFeed(chunks)), timeout: timeout, turn: turn)
        return rows.last?.affected ?? 0
    }

    /// The same with data that is made while it is sent. When the sequence throws, nothing is copied and its error is
    /// thrown on; when the COPY fails, the task that reads the sequence is cancelled.
    package func copyIn<Chunks: AsyncSequence & Sendable>(
        _ sql: String,
        from chunks: Chunks,
        timeout: Duration? = nil
    ) async throws -> Int where Chunks.Element == [UInt8] {
        try PostgresEncodedStatement.check(sql)
        let feed = PostgresCopyFeed(wake: caller.wake)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Self.fill(feed, from: chunks) }
            do {
                let rows = try await caller.call(.copy(sql, feed), timeout: timeout, turn: turn)
                feed.close()
                group.cancelAll()
                return rows.last?.affected ?? 0
            } catch {
                feed.close()
                group.cancelAll()
                // What went wrong with the data is the cause then.
                if feed.hasFailed { try await group.waitForAll() }
                throw error
            }
        }
    }

    private static func fill<Chunks: AsyncSequence>(
        _ feed: PostgresCopyFeed,
        from chunks: Chunks
    ) async throws where Chunks.Element == [UInt8] {
        do {
            for try await chunk in chunks {
                guard await feed.put(chunk) else { return }
            }
        } catch {
            feed.end(failure: "the data could not be made")
            throw error
        }
        // A cancelled stream ends as if it were whole.
        feed.end(failure: Task.isCancelled ? "the task was cancelled" : nil)
    }
}
