/// A message ready to be published: where to, its raw properties, its body.
public struct TaskPublication: Sendable, Hashable {
    /// Empty for the default exchange.
    public var exchange: String
    public var routingKey: String
    /// Raw basic properties: flags, then values (AMQP 0-9-1 §4.2.6.1).
    public var properties: [UInt8]
    public var body: [UInt8]

    public init(exchange: String = "", routingKey: String = "", properties: [UInt8], body: [UInt8]) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.body = body
    }
}
