/// All the deliveries that one read of the socket brought, in the order in which they came.
///
/// One array holds the bytes of all of them, so that a delivery costs no allocation of its own.
package final class AMQPDeliveryBatch: Sendable {
    package let bytes: [UInt8]
    package let deliveries: [AMQPDelivery]

    package init(bytes: [UInt8], deliveries: [AMQPDelivery]) {
        self.bytes = bytes
        self.deliveries = deliveries
    }
}

/// One `basic.deliver` with its content; the ranges point into the batch's bytes.
package struct AMQPDelivery: Sendable {
    package var channel: UInt16
    package var redelivered: Bool
    package var deliveryTag: UInt64
    package var exchange: Range<Int>
    package var routingKey: Range<Int>
    /// The raw basic properties: flags and values as AMQP 0-9-1 §4.2.6 lays them out.
    package var properties: Range<Int>
    package var body: Range<Int>
}

/// What the broker says other than deliveries.
package enum AMQPEvent: Sendable {
    /// The broker ended a consumer, e.g. because its queue was deleted.
    case consumerCancelled(channel: UInt16, consumerTag: String)
    case channelClosed(channel: UInt16, AMQPError)
    case blocked(reason: String)
    case unblocked
    /// A publish was taken over by the broker (or, with `multiple`, all up to it).
    case confirmed(channel: UInt16, tag: UInt64, multiple: Bool)
    case nacked(channel: UInt16, tag: UInt64, multiple: Bool)
    /// A mandatory message that reached no queue; its confirm still follows.
    case returned(AMQPReturn)
}

/// A message that came back, with enough to recognize it.
package struct AMQPReturn: Sendable {
    package var channel: UInt16
    package var replyCode: Int
    package var replyText: String
    package var exchange: String
    package var routingKey: String
    package var properties: [UInt8]
}
