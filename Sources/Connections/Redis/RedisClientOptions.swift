/// How a client behaves.
package struct RedisClientOptions: Sendable {
    package var connection: RedisConnectionOptions
    /// How long a call may take in all, the wait for a connection included. Default 10 s.
    package var timeout: Duration = .seconds(10)
    /// How many calls may wait at once; more throw `tooManyCalls`. Default 100,000.
    package var maxWaitingCalls = 100_000
    /// Told once per change of the connection's state, on the reactor's thread: must not block.
    package var onStateChange: (@Sendable (RedisConnectionState) -> Void)?

    package init(connection: RedisConnectionOptions = .init(), timeout: Duration = .seconds(10)) {
        self.connection = connection
        self.timeout = timeout
    }
}
