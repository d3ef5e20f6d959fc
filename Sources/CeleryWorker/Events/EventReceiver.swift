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
    private let inbox: EventInbox
    /// How long events wait in the broker while they are not read, milliseconds.
    private let patience: Int32
    private var nextSlowTurn = MonotonicTime(nanoseconds: 0)

    init(_ session: AMQPSession, patience: Duration, inbox: EventInbox, logger: Logger) {
        self.session = session
        self.patience = Int32(clamping: patience.nanoseconds / 1_000_000)
        self.inbox = inbox
        self.logger = logger
        session.delegate = self
    }

    var interest: ReactorInterest? { isWaiting ? nil : session.interest }

    func turn(now: MonotonicTime, ready: ReactorEvents) -> MonotonicTime {
        guard isWaiting else { return session.turn(now: now, ready: ready) }
        // The connection's heartbeats are only kept while it is read.
        if now >= nextSlowTurn {
            _ = session.turn(now: now, ready: .read)
            let heartbeat = max(session.connection?.heartbeat ?? 0, 4)
            nextSlowTurn = now.advanced(byNanoseconds: Int64(heartbeat) * 250_000_000)
        }
        return nextSlowTurn
    }

    /// Nothing is read while too much waits to be taken.
    private var isWaiting: Bool { session.connection != nil && inbox.isFull }

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
            arguments: ["x-expires": .integer(60_000), "x-message-ttl": .integer(patience)],
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
        inbox.put(.connected(WallClock.seconds))
    }

    func session(_ connection: AMQPConnection, received batch: AMQPDeliveryBatch) {
        var (events, unreadable): ([CeleryMap], Int) = ([], 0)
        for delivery in batch.deliveries {
            do {
                events += try EventMessage.decode(
                    properties: delivery.properties,
                    body: delivery.body,
                    in: batch.bytes
                )
            } catch {
                unreadable += 1
                logger.error("an event can't be read: \(error)")
            }
        }
        inbox.put(events, bytes: batch.bytes.count, unreadable: unreadable)
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

    func sessionDidLose(_ error: AMQPError) { inbox.put(.lost(WallClock.seconds, reason: "\(error)")) }

    func sessionCannotConnect(_ error: AMQPError) {}
}
