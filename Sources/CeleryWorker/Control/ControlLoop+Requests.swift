import CeleryProtocol
import Connections
import Logging
import OrderedCollections

/// Requests and their answers (`celery/worker/pidbox.py`, `kombu/pidbox.py`).
extension ControlLoop {
    func receivedRequest(
        _ delivery: AMQPDelivery,
        _ bytes: [UInt8],
        on connection: AMQPConnection
    ) throws(AMQPError) {
        // Clients as a rule have no clock to adjust to.
        core.clock.forward()
        let request: ControlRequest
        do {
            request = try ControlRequest(
                properties: delivery.properties,
                body: delivery.body,
                in: bytes,
                accept: core.accept,
                limits: core.limits
            )
            core.clock.adjust(request.clock)
            guard try request.isMeant(for: core.nodename) else { return }
        } catch {
            return core.logger.error("Control command error: a message of \(delivery.body.count) bytes: \(error)")
        }
        core.logger.debug("pidbox received method \(request.method)")
        let answer = ControlCommands.run(request, on: core)
        guard let answer, let target = request.replyTo else { return }
        let reply = ControlReply(
            nodename: core.nodename,
            value: answer,
            ticket: request.ticket,
            clock: core.clock.forward()
        )
        try send(reply, to: target, on: connection)
    }

    private func send(
        _ reply: ControlReply,
        to target: ControlRequest.ReplyTo,
        on connection: AMQPConnection
    ) throws(AMQPError) {
        guard channels.isOpen(.replies), !isBlocked else {
            return core.logger.warning("remote control: an answer was dropped, because the broker takes no messages")
        }
        do throws(AMQPError) {
            try declareReplies(target.exchange, connection)
            try connection.publish(
                exchange: target.exchange,
                routingKey: target.routingKey,
                mandatory: false,
                properties: reply.properties,
                body: reply.body,
                channel: Part.replies.rawValue
            )
        } catch {
            if error.endsConnection { throw error }
            core.logger.error("remote control: answering to exchange '\(target.exchange)': \(error)")
            if case .channelClosed = error.code { try open(.replies, on: connection) }
        }
    }

    private func declareReplies(_ exchange: String, _ connection: AMQPConnection) throws(AMQPError) {
        // The default exchange is always there and must not be declared.
        guard !exchange.isEmpty, !declared.contains(exchange) else { return }
        try connection.declareExchange(exchange, type: "direct", durable: false, channel: Part.replies.rawValue)
        if declared.count > 100 { declared = [] }
        declared.insert(exchange)
    }
}
