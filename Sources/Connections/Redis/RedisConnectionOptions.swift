/// How a connection behaves. The defaults suit a server in the same data centre.
package struct RedisConnectionOptions: Sendable {
    /// The name that `CLIENT LIST` shows; `nil` for none. Spaces and line breaks become `_`, because Redis refuses
    /// them.
    package var clientName: String?
    /// How long name resolution, connecting and login may take each. Default 5 s.
    package var connectTimeout: Duration = .seconds(5)
    /// How long the server may be silent while it owes an answer before the connection counts as lost. Default 10 s.
    package var responseTimeout: Duration = .seconds(10)
    /// How long a connection may be idle before a PING asks whether it still lives. Default 15 s.
    package var idlePing: Duration = .seconds(15)
    /// Pauses between attempts to connect: doubled each time, with jitter.
    package var backoff = Backoff()
    /// Scripts that the server knows before anything else is sent.
    package var scripts: [RedisScript] = []

    package init(clientName: String? = nil, scripts: [RedisScript] = []) {
        self.clientName = clientName
        self.scripts = scripts
    }
}
