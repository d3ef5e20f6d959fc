import Connections
import Logging
import Synchronization

/// Celery's own way of letting delayed tasks wait in the broker (`kombu/transport/native_delayed_delivery.py`).
///
/// A client that knows of a quorum queue publishes tasks with a countdown to `celery_delayed_27`, under a routing key
/// that begins with the delay in seconds as 28 binary digits. Level by level the message waits in `celery_delayed_<n>`
/// for 2ⁿ seconds or skips it, and at last comes to `celery_delayed_delivery`. A worker declares all that, and binds its
/// queues to the last exchange.
final class NativeDelayedDelivery: Sendable {
    static let deliveryExchange = "celery_delayed_delivery"
    private static let highestLevel = 27

    private let mode: NativeDelayedDeliveryMode
    private let logger: Logger
    private let isActive = Atomic<Bool>(false)

    init(_ mode: NativeDelayedDeliveryMode, logger: Logger) {
        self.mode = mode
        self.logger = logger
    }

    /// Declares the levels where they are wanted; to be called before the queues are declared. A broker that refuses
    /// them is told of and otherwise left alone: tasks with a countdown are then held by way of Chard's own delays.
    func prepare(hasQuorumQueue: Bool, on connection: AMQPConnection, channel: UInt16) throws(AMQPError) {
        guard mode != .off else { return }
        do throws(AMQPError) {
            let isThere = try exists(on: connection, channel: channel)
            isActive.store(isThere || mode == .on || hasQuorumQueue, ordering: .relaxed)
            // It is declared last, by Celery too: where it is, all is.
            if !isThere, isActive.load(ordering: .relaxed) { try declare(on: connection, channel: channel) }
        } catch  where !error.endsConnection {
            isActive.store(false, ordering: .relaxed)
            logger.warning("\(error); Celery's native delayed delivery is not available")
        }
    }

    /// Lets delayed tasks come to a queue. Directly: the exchanges of Chard's queues are direct ones, and those cannot
    /// read the delay in front of the routing key.
    func bind(_ queue: QueueSettings, on connection: AMQPConnection, channel: UInt16) throws(AMQPError) {
        guard isActive.load(ordering: .relaxed) else { return }
        for key in Set([queue.routingKey, queue.name]) {
            try connection.bindQueue(
                queue.name,
                exchange: Self.deliveryExchange,
                routingKey: key.hasPrefix("#") ? key : "#.\(key)",
                channel: channel
            )
        }
    }

    private func exists(on connection: AMQPConnection, channel: UInt16) throws(AMQPError) -> Bool {
        do throws(AMQPError) {
            try connection.declareExchange(Self.deliveryExchange, type: "topic", passive: true, channel: channel)
            return true
        } catch  where error.code == .channelClosed(404) {
            try connection.openChannel(channel)
            return false
        }
    }

    private func declare(on connection: AMQPConnection, channel: UInt16) throws(AMQPError) {
        for level in (0...Self.highestLevel).reversed() {
            let name = Self.name(level)
            try connection.ensureExchange(name, type: "topic", channel: channel)
            try connection.ensureQueue(name, arguments: Self.arguments(level), channel: channel)
            try connection.bindQueue(name, exchange: name, routingKey: Self.key(level, "1.#"), channel: channel)
        }
        for level in (1...Self.highestLevel).reversed() {
            try connection.bindExchange(
                Self.name(level - 1),
                to: Self.name(level),
                routingKey: Self.key(level, "0.#"),
                channel: channel
            )
        }
        try connection.ensureExchange(Self.deliveryExchange, type: "topic", channel: channel)
        try connection.bindExchange(
            Self.deliveryExchange,
            to: Self.name(0),
            routingKey: Self.key(0, "0.#"),
            channel: channel
        )
        logger.info("declared Celery's exchanges and queues for delays, celery_delayed_*")
    }

    static func name(_ level: Int) -> String { "celery_delayed_\(level)" }

    /// The digits before a level's own do not matter to it.
    static func key(_ level: Int, _ end: String) -> String {
        String(repeating: "*.", count: highestLevel - level) + end
    }

    static func arguments(_ level: Int) -> [String: AMQPArgument] {
        [
            "x-queue-type": .string("quorum"),
            "x-dead-letter-strategy": .string("at-least-once"),
            "x-overflow": .string("reject-publish"),
            "x-message-ttl": .long(1000 << Int64(level)),
            "x-dead-letter-exchange": .string(level > 0 ? name(level - 1) : deliveryExchange),
        ]
    }
}

extension WorkerCore {
    func prepareNativeDelayedDelivery(on connection: AMQPConnection) throws(AMQPError) {
        let channel: UInt16 = 4
        try connection.openChannel(channel)
        defer { connection.closeChannel(channel) }
        try nativeDelayedDelivery.prepare(
            hasQuorumQueue: configuration.consumedQueues.contains { $0.kind == .quorum },
            on: connection,
            channel: channel
        )
    }
}
