package import Logging

/// A bounded number of connections to one PostgreSQL database, for any task.
///
/// Connections are opened when needed and replaced when they break; calls get their turn in the order in which they came.
/// While the server is away, calls fail at once with the reason and attempts to connect are spaced out. A call is
/// never repeated once it was sent: see `PostgresError.mayHaveHappened`.
package final class PostgresPool: Sendable {
    package let url: PostgresURL

    /// A pool with a thread of its own. Nothing is connected before the first call.
    package init(_ url: PostgresURL, options: PostgresPoolOptions = .init(), logger: Logger) {
        self.url = url
    }

    /// Runs one statement on any connection; from its second use on a connection it is prepared there.
    ///
    /// - Parameter timeout: For this call; the options' `statementTimeout` if `nil`.
    package func query(
        _ sql: String,
        _ parameters: [PostgresValue] = [],
        timeout: Duration? = nil
    ) async throws(PostgresError) -> PostgresRows {
        throw PostgresError(.closed, "not connected")
    }

    /// Sends all statements at once over one connection and waits once: all take effect, or none.
    package func pipeline(
        _ statements: [PostgresStatement],
        timeout: Duration? = nil
    ) async throws(PostgresError) -> [PostgresRows] {
        throw PostgresError(.closed, "not connected")
    }

    /// Gives a connection to `body` alone, for as long as it runs. A transaction that it leaves open is rolled back.
    package func withConnection<Result: Sendable>(
        _ body: (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        throw PostgresError(.closed, "not connected")
    }

    /// Runs `body` between BEGIN and COMMIT; when it throws, rolls back and throws its error on. It is run once.
    ///
    /// - Throws: Also when the COMMIT fails: `mayHaveHappened` tells whether the transaction may stand nevertheless.
    package func transaction<Result: Sendable>(
        _ body: (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        throw PostgresError(.closed, "not connected")
    }

    /// Refuses further calls, lets those that run end (within 5 s), and closes the connections.
    package func close() async {}
}
