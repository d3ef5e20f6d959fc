import Logging

@testable import Connections

/// Consumes one queue of its own over a session, acknowledges everything, and passes the bodies on.
final class TestConsumer: Sendable {
    enum Event: Sendable {
        case consuming
        case body([UInt8])
        case failed(AMQPError)
    }

    let events: AsyncStream<Event>
    private let reactor: Reactor

    init(_ queue: String, _ url: BrokerURL, tls: TLSSettings = TLSSettings()) {
        let (events, continuation) = AsyncStream<Event>.makeStream()
        self.events = events
        reactor = Reactor(name: "test-consumer") { _ in
            var options = AMQPOptions()
            options.tls = tls
            let session = AMQPSession(urls: [url], options: options, logger: .silent)
            return [Source(queue, session) { continuation.yield($0) }]
        }
    }

    func stop() { reactor.stop() }

    /// Returns when it consumes.
    func start() async throws {
        for await event in events {
            if case .failed(let error) = event { throw error }
            return
        }
    }

    /// The bodies of the next messages.
    func bodies(_ count: Int) async -> [[UInt8]] {
        var bodies: [[UInt8]] = []
        for await event in events {
            if case .body(let body) = event { bodies.append(body) }
            if bodies.count == count { break }
        }
        return bodies
    }

    private final class Source: ReactorSource, AMQPSessionDelegate {
        private let queue: String
        private let session: AMQPSession
        private let tell: (Event) -> Void

        init(_ queue: String, _ session: AMQPSession, _ tell: @escaping (Event) -> Void) {
            self.queue = queue
            self.session = session
            self.tell = tell
            session.delegate = self
        }

        var interest: ReactorInterest? { session.interest }
        func turn(now: MonotonicTime, ready: ReactorEvents) -> MonotonicTime { session.turn(now: now, ready: ready) }
        func shutDown() { session.close() }

        func sessionDidConnect(_ connection: AMQPConnection) throws(AMQPError) {
            try connection.openChannel(1)
            _ = try connection.declareQueue(queue, durable: false, exclusive: true, channel: 1)
            try connection.limitPrefetch(3, channel: 1)
            try connection.consume(queue, consumerTag: "test", channel: 1)
            tell(.consuming)
        }

        func session(_ connection: AMQPConnection, received batch: AMQPDeliveryBatch) throws(AMQPError) {
            for delivery in batch.deliveries {
                tell(.body(Array(batch.bytes[delivery.body])))
                connection.acknowledge(delivery.deliveryTag, multiple: false, channel: 1)
            }
            try connection.flushAcknowledgements()
        }

        func session(_ connection: AMQPConnection, received event: AMQPEvent) {}
        func sessionDidLose(_ error: AMQPError) { tell(.failed(error)) }
        func sessionCannotConnect(_ error: AMQPError) { tell(.failed(error)) }
    }
}
