/// Hands calls to the thread of the connections and waits for them.
struct PostgresCaller: Sendable {
    let inbox: PostgresInbox
    let options: PostgresPoolOptions

    var wake: @Sendable () -> Void { { [inbox] in inbox.wake() } }

    func query(
        _ sql: String,
        _ parameters: [PostgresValue],
        timeout: Duration?,
        turn: PostgresTurn? = nil
    ) async throws(PostgresError) -> PostgresRows {
        let statement = try PostgresEncodedStatement(sql, parameters)
        let rows = try await call(.statements([statement]), timeout: timeout, turn: turn)
        guard let answer = rows.first else { throw PostgresError(.connection, "the server did not answer") }
        return answer
    }

    func pipeline(
        _ statements: [PostgresStatement],
        timeout: Duration?,
        turn: PostgresTurn? = nil
    ) async throws(PostgresError) -> [PostgresRows] {
        guard !statements.isEmpty else { return [] }
        var encoded: [PostgresEncodedStatement] = []
        encoded.reserveCapacity(statements.count)
        for statement in statements {
            encoded.append(try PostgresEncodedStatement(statement.sql, statement.parameters))
        }
        return try await call(.statements(encoded), timeout: timeout, turn: turn)
    }

    /// - Parameter turn: Whose connection to use; any if `nil`.
    func call(
        _ work: PostgresCall.Work,
        timeout: Duration?,
        turn: PostgresTurn?
    ) async throws(PostgresError) -> [PostgresRows] {
        let waiter = PostgresWaiter<[PostgresRows]>(limit: options.acquireTimeout)
        let call = PostgresCall(work: work, timeout: timeout ?? options.statementTimeout, waiter: waiter)
        return try await waiter.wait(wake: wake) {
            inbox.put(turn.map { .callInTurn(call, $0) } ?? .call(call))
        }
    }

    /// Waits for a connection that nobody else uses.
    func turn() async throws(PostgresError) -> PostgresTurn {
        let waiter = PostgresWaiter<PostgresTurn>(limit: options.acquireTimeout)
        return try await waiter.wait(wake: wake) { inbox.put(.turn(waiter)) }
    }
}
