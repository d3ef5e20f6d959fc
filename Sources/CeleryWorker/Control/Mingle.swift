import CeleryProtocol
import Connections
import Foundation
import Logging
import OrderedCollections

/// Asks the neighbours at each connection what they know: the time, and which tasks are revoked
/// (`celery/worker/consumer/mingle.py`). Nothing waits for the answers, which are taken for one second.
///
/// Lives on the control thread.
final class Mingle {
    private static let patience = Duration.seconds(1)

    private let core: WorkerCore
    private var ticket = ""
    private var until: MonotonicTime?
    private var neighbours: Set<String> = []

    init(_ core: WorkerCore) { self.core = core }

    /// Asks; the channel is open.
    func begin(_ connection: AMQPConnection) throws(AMQPError) {
        let channel = ControlLoop.Part.mingle.rawValue
        let oid = TaskID.make()
        let queue = ControlRequest.replyQueue(of: oid)
        try connection.declareExchange(ControlRequest.replyExchange, type: "direct", durable: false, channel: channel)
        try connection.declareExchange(ControlRequest.exchange, type: "fanout", durable: false, channel: channel)
        _ = try connection.declareQueue(
            queue,
            durable: false,
            exclusive: true,
            autoDelete: true,
            arguments: ["x-expires": .integer(10_000)],
            channel: channel
        )
        try connection.bindQueue(queue, exchange: ControlRequest.replyExchange, routingKey: oid, channel: channel)
        try connection.consume(queue, consumerTag: "mingle", noAck: true, channel: channel)
        core.logger.info("mingle: searching for neighbors")
        ticket = TaskID.make()
        neighbours = []
        until = MonotonicTime.now.advanced(by: Self.patience)
        try publish(hello(oid), connection, channel)
    }

    private func hello(_ oid: String) -> ControlRequest {
        let revoked = core.revocations.snapshot.map(CeleryValue.string)
        var request = ControlRequest(
            "hello",
            arguments: ["from_node": .string(core.nodename), "revoked": .array(revoked)]
        )
        request.ticket = ticket
        request.replyTo = .init(exchange: ControlRequest.replyExchange, routingKey: oid)
        return request
    }

    private func publish(
        _ request: ControlRequest,
        _ connection: AMQPConnection,
        _ channel: UInt16
    ) throws(AMQPError) {
        try connection.publish(
            exchange: ControlRequest.exchange,
            routingKey: "",
            mandatory: false,
            properties: request.properties(expires: Date().timeIntervalSince1970 + Self.patience.secondsValue),
            body: request.body,
            channel: channel
        )
    }

    func received(_ delivery: AMQPDelivery, _ bytes: [UInt8]) {
        let replies: [ControlReply]
        do {
            replies = try ControlReply.decode(
                properties: delivery.properties,
                body: delivery.body,
                in: bytes,
                accept: core.accept,
                limits: core.limits
            )
        } catch {
            return core.logger.error("mingle: an answer can't be read: \(error)")
        }
        for reply in replies where reply.nodename != core.nodename && (reply.ticket ?? ticket) == ticket {
            guard let known = reply.value.mapValue, known["error"] == nil else { continue }
            neighbours.insert(reply.nodename)
            core.clock.adjust(known["clock"]?.intValue ?? 0)
            core.revocations.merge(known["revoked"])
        }
    }

    /// Ends the search when its time is over.
    func turn(
        _ now: MonotonicTime,
        _ loop: ControlLoop,
        _ connection: AMQPConnection
    ) throws(AMQPError)
        -> MonotonicTime
    {
        guard let end = until else { return .distantFuture }
        guard loop.channels.isOpen(.mingle) else {
            until = nil
            return .distantFuture
        }
        guard now >= end else { return end }
        until = nil
        connection.closeChannel(ControlLoop.Part.mingle.rawValue)
        loop.channels.closed(.mingle)
        if neighbours.isEmpty {
            core.logger.info("mingle: all alone")
        } else {
            core.logger.info("mingle: sync with \(neighbours.count) nodes")
            core.logger.info("mingle: sync complete")
        }
        return .distantFuture
    }
}
