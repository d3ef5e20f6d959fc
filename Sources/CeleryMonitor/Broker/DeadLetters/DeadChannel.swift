import CeleryProtocol
import CeleryWorker
import Connections
import Foundation
import OrderedCollections

/// Takes dead letters from their queue, sends them on and acknowledges them, over a channel that is its own.
///
/// All of it happens inside a publisher's `perform`, on its thread. What was taken and not acknowledged goes back to
/// the queue, to its place, when the channel closes.
struct DeadChannel {
    let connection: AMQPConnection
    let channel: UInt16
    let queue: String
    /// A message that failed so often is renewed instead of being given back, so that looking never makes the broker
    /// drop it; nil: it counts nothing.
    let deliveryLimit: Int?
    /// Of the publishes on this channel.
    var published: UInt64 = 0

    private static let patience = Duration.seconds(20)

    /// The next message, or nil when there is none.
    func next() throws(AMQPError) -> (tag: UInt64, message: DeadMessage, batch: AMQPDeliveryBatch)? {
        guard let (batch, _) = try connection.get(queue, channel: channel), let delivery = batch.deliveries.first else {
            return nil
        }
        return (delivery.deliveryTag, DeadMessage(batch, delivery, queue: queue), batch)
    }

    /// Sends messages, and returns the numbers of those that no queue took, when the broker has confirmed the rest.
    mutating func publish(_ messages: [AMQPMessage]) throws(AMQPError) -> Set<Int> {
        guard !messages.isEmpty else { return [] }
        let first = published + 1
        for message in messages {
            try connection.publish(
                exchange: message.exchange,
                routingKey: message.routingKey,
                mandatory: message.mandatory,
                properties: message.properties,
                body: message.body,
                channel: channel
            )
            published += 1
        }
        let returned = try connection.awaitConfirms(of: first...published, timeout: Self.patience, channel: channel)
        let keys = Set(returned.map(\.routingKey))
        return Set(messages.indices.filter { keys.contains(messages[$0].routingKey) })
    }

    /// Gives a message that is not wanted a new life at the end of its queue when it has nearly used up the old one.
    ///
    /// Quorum queues count how often a message came back, and drop it at their limit: half of it is left for readers
    /// that are killed.
    /// - Returns: Whether that was needed.
    mutating func renewIfWorn(
        _ tag: UInt64,
        _ message: DeadMessage,
        _ batch: AMQPDeliveryBatch
    ) throws(AMQPError) -> Bool {
        guard let deliveryLimit, let delivery = batch.deliveries.first,
            DeadHeaders(message.properties?.headers ?? [:]).deliveryCount >= deliveryLimit / 2
        else { return false }
        var properties = message.propertyBytes
        if var decoded = message.properties {
            decoded.headers = decoded.headers?.filter { !["x-delivery-count", "x-acquired-count"].contains($0.key) }
            decoded.userID = nil
            properties = (try? decoded.encoded()) ?? properties
        }
        let copy = AMQPMessage(
            exchange: "",
            routingKey: queue,
            properties: properties,
            body: Array(batch.bytes[delivery.body])
        )
        guard try publish([copy]).isEmpty else { return false }
        try acknowledge([tag])
        return true
    }

    func acknowledge(_ tags: [UInt64]) throws(AMQPError) {
        for tag in tags { connection.acknowledge(tag, multiple: false, channel: channel) }
        try connection.flushAcknowledgements()
    }
}
