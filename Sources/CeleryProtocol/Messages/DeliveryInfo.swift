/// How a message came: Celery's `request.delivery_info`.
public struct DeliveryInfo: Sendable, Hashable {
    /// Empty for the default exchange.
    public var exchange: String
    public var routingKey: String
    /// The message's priority property, nil if it has none; `TaskMessage.decode` sets it from the message.
    public var priority: UInt8?
    public var redelivered: Bool

    public init(exchange: String, routingKey: String, priority: UInt8? = nil, redelivered: Bool = false) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.priority = priority
        self.redelivered = redelivered
    }
}
