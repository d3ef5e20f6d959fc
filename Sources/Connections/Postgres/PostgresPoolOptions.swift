/// How a pool of connections behaves.
package struct PostgresPoolOptions: Sendable {
    /// How many connections there are at most. They are opened when needed. Default 4.
    package var size: Int
    /// How long a call waits at most for its turn on a connection; then `.poolExhausted`. Default 5 s.
    package var acquireTimeout: Duration
    /// How long one attempt to connect may take, name look-up and login included. Default 5 s.
    package var connectTimeout: Duration
    /// How long one call on a connection may take; then the server is asked to cancel it and the call throws `.timeout`.
    /// A COPY may take that long for each piece. Default 30 s.
    package var statementTimeout: Duration
    /// How long the server may take to answer a request to cancel before the connection is dropped. Default 2 s.
    package var cancelTimeout: Duration = .seconds(2)
    /// A connection that was not used for so long is closed. Default 5 min.
    package var idleTimeout: Duration = .seconds(300)
    /// How many calls may wait for their turn; more throw `.poolExhausted` at once. Default 100,000.
    package var maxWaitingCalls = 100_000
    /// Server settings of every connection, such as `search_path` or `synchronous_commit`.
    package var settings: [String: String]

    package init(
        size: Int = 4,
        acquireTimeout: Duration = .seconds(5),
        connectTimeout: Duration = .seconds(5),
        statementTimeout: Duration = .seconds(30),
        settings: [String: String] = [:]
    ) {
        self.size = size
        self.acquireTimeout = acquireTimeout
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.settings = settings
    }
}
