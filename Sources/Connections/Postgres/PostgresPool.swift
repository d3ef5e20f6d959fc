package import Logging

/// A bounded number of connections to one PostgreSQL database, for any task.
///
/// Connections are opened when needed and replaced when they break; calls get their turn in the order in which they came.
/// While the server is away, calls fail at once with the reason and attempts to connect are spaced out. A call is
/// never repeated once it was sent: see `PostgresError.mayHaveHappened`.
package final class PostgresPool: Sendable {
    package let url: PostgresURL
    private let caller: PostgresCaller
    private let reactor: Reactor

    /// A pool with a thread of its own. Nothing is connected before the first call.
    package init(_ url: PostgresURL, options: PostgresPoolOptions = .init(), logger: Logger) {
        let waker = Waker()
        let inbox = PostgresInbox(waker: waker, limit: options.maxWaitingCalls)
        self.url = url
        caller = PostgresCaller(inbox: inbox, options: options)
        reactor = Reactor(name: "chard-postgres", waker: waker) { waker in
            let slots = (0..<max(1, options.size)).map {
                PostgresSlot(number: $0, url: url, options: options, logger: logger, waker: waker)
            }
            let dispatcher = PostgresDispatcher(
                slots,
                inbox: inbox,
                options: options,
                endpoint: url.endpoint,
                logger: logger
            )
            // The dispatcher comes first: what it starts goes on in the same turn.
            return [dispatcher] + slots
        }
    }

    deinit { reactor.stop() }

    /// Runs one statement on any connection; from its second use on a connection it is prepared there.
    ///
    /// - Parameter timeout: For this call; the options' `statementTimeout` if `nil`.
    package func query(
        _ sql: String,
        _ parameters: [PostgresValue] = [],
        timeout: Duration? = nil
    ) async throws(PostgresError) -> PostgresRows {
        try await caller.query(sql, parameters, timeout: timeout)
    }

    /// Sends all statements at once over one connection and waits once: all take effect, or none.
    package func pipeline(
        _ statements: [PostgresStatement],
        timeout: Duration? = nil
    ) async throws(PostgresError) -> [PostgresRows] {
        try await caller.pipeline(statements, timeout: timeout)
    }

    /// Gives a connection to `body` alone, for as long as it runs. A transaction that it leaves open is rolled back.
    package nonisolated(nonsending) func withConnection<Result: Sendable>(
        _ body: (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        let turn = try await caller.turn()
        defer { caller.inbox.put(.endTurn(turn)) }
        return try await body(PostgresConnection(caller, turn: turn))
    }

    /// Runs `body` between BEGIN and COMMIT; when it throws, rolls back and throws its error on. It is run once.
    ///
    /// - Throws: Also when the COMMIT fails: `mayHaveHappened` tells whether the transaction may stand nevertheless.
    package nonisolated(nonsending) func transaction<Result: Sendable>(
        _ body: (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        try await withConnection { connection in
            _ = try await connection.query("BEGIN")
            let result: Result
            do {
                result = try await body(connection)
            } catch var error as PostgresError {
                // Without a COMMIT nothing stays. The end of the turn rolls back, also when the task is cancelled.
                error.mayHaveHappened = false
                throw error
            }
            // A COMMIT after a failed statement is answered by ROLLBACK.
            if try await connection.query("COMMIT").command != "COMMIT" {
                throw PostgresError(
                    .server(sqlState: "25P02"),
                    "the transaction was rolled back, because a statement in it had failed",
                    endpoint: url.endpoint
                )
            }
            return result
        }
    }

    /// How many calls wait for a connection now.
    package var waitingCalls: Int { caller.inbox.count }

    /// Refuses further calls, lets those that run end (within 5 s), and closes the connections.
    package func close() async {
        await caller.inbox.close()
        reactor.stop()
    }
}
