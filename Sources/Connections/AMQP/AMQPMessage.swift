/// A message to publish.
package struct AMQPMessage: Sendable {
    /// Empty for the default exchange, where the routing key is the name of a queue.
    package var exchange: String
    package var routingKey: String
    /// Whether the broker returns the message when no queue takes it.
    package var mandatory: Bool
    /// The raw basic properties, flags first (AMQP 0-9-1 §4.2.6).
    package var properties: [UInt8]
    package var body: [UInt8]

    package init(
        exchange: String,
        routingKey: String,
        mandatory: Bool = true,
        properties: [UInt8],
        body: [UInt8]
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.mandatory = mandatory
        self.properties = properties
        self.body = body
    }
}
