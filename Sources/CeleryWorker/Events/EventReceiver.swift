import CeleryProtocol
import Connections
import Logging

/// Listens to all events, and asks the workers to show themselves when it begins (`celery/events/receiver.py`).
///
/// Lives on a thread of its own.
final class EventReceiver: ReactorSource, AMQPSessionDelegate {
    private static let channel: UInt16 = 1

    private let session: AMQPSession
    private let logger: Logger
    private let yield: @Sendable (CeleryMap) -> Void

    init(_ session: AMQPSession, logger: Logger, yield: @escaping @Sendable (CeleryMap) -> Void) {
        self.session = session
        self.logger = logger
        self.yield = yield
        session.delegate = self
    }

    var interest: ReactorInterest? { session.interest }

    func turn(now: MonotonicTime, ready: ReactorEvents) -> MonotonicTime { session.turn(now: now, ready: ready) }

    func shutDown() { session.close() }

    func sessionDidConnect(_ connection: AMQPConnection) throws(AMQPError) {
        let channel = Self.channel
        let queue = "celeryev.\(TaskID.make())"
        try connection.openChannel(channel)
        try connection.declareExchange(EventMessage.exchange, type: "topic", channel: channel)
        _ = try connection.declareQueue(
            queue,
            durable: false,
            exclusive: true,
            autoDelete: true,
            arguments: ["x-expires": .integer(60_000), "x-message-ttl": .integer(5000)],
            channel: channel
        )
        try connection.bindQueue(queue, exchange: EventMessage.exchange, routingKey: "#", channel: channel)
        try connection.consume(queue, consumerTag: "events", noAck: true, channel: channel)
        try connection.declareExchange(ControlRequest.exchange, type: "fanout", durable: false, channel: channel)
        let request = ControlRequest("heartbeat")
        try connection.publish(
            exchange: ControlRequest.exchange,
            routingKey: "",
            mandatory: false,
            properties: request.properties(expires: 0),
            body: request.body,
            channel: channel
        )
    }

    func session(_ connection: AMQPConnection, received batch: AMQPDeliveryBatch) {
        for delivery in batch.deliveries {
            do {
                let events = try EventMessage.decode(
                    properties: delivery.properties,
                    body: delivery.body,
                    in: batch.bytes
                )
                for event in events { yield(event) }
            } catch {
                logger.error("an event can't be read: \(error)")
            }
        }
    }

    func session(_ connection: AMQPConnection, received event: AMQPEvent) throws(AMQPError) {
        switch event {
        // Without its queue nothing comes any more; a new connection brings a new one.
        case .channelClosed(_, let error): throw error
        case .consumerCancelled:
            throw AMQPError(.connectionLost(0), attempt: "listening to events", reason: "the queue was deleted")
        case .blocked, .unblocked, .confirmed, .nacked, .returned: break
        }
    }

    func sessionDidLose(_ error: AMQPError) {}

    func sessionCannotConnect(_ error: AMQPError) {}
}
