/// How an AMQP connection is made and watched.
public struct AMQPOptions: Sendable {
    /// Seconds between heartbeats; 0 switches them off. A silence of twice as long counts as a lost connection.
    public var heartbeat = 30
    /// How long connecting and logging in may take.
    public var connectTimeout: Duration = .seconds(5)
    /// How long the broker may take to answer a declaration and the like.
    public var answerTimeout: Duration = .seconds(20)
    /// The name that the management page shows for the connection.
    public var connectionName = "chard"
    /// Certificates for `amqps://` when the URL names none.
    public var tls = TLSSettings()

    public init() {}
}
