import CeleryProtocol
import Connections
import Logging
import Synchronization

extension ControlLoop: AMQPSessionDelegate {
    func sessionDidConnect(_ connection: AMQPConnection) throws(AMQPError) {
        reset()
        let settings = core.configuration.worker
        try open(.events, on: connection)
        try open(.replies, on: connection)
        if settings.remoteControl { try open(.inbox, on: connection) }
        if settings.gossip { try open(.gossip, on: connection) }
        if settings.mingle, settings.remoteControl { try open(.mingle, on: connection) }
    }

    func session(_ connection: AMQPConnection, received batch: AMQPDeliveryBatch) throws(AMQPError) {
        for delivery in batch.deliveries {
            switch Part(rawValue: delivery.channel) {
            case .inbox: try receivedRequest(delivery, batch.bytes, on: connection)
            case .mingle: mingle.received(delivery, batch.bytes)
            case .gossip: try gossip.received(delivery, batch.bytes, self, connection)
            case .events, .replies, nil: break
            }
        }
    }

    func session(_ connection: AMQPConnection, received event: AMQPEvent) throws(AMQPError) {
        switch event {
        case .consumerCancelled(let channel, _):
            guard let part = Part(rawValue: channel), channels.isOpen(part) else { return }
            connection.closeChannel(channel)
            lost(part, "the broker ended its consumer")
        case .channelClosed(let channel, let error):
            guard let part = Part(rawValue: channel) else { return }
            lost(part, "\(error)")
        case .blocked: isBlocked = true
        case .unblocked: isBlocked = false
        case .confirmed, .nacked, .returned: break
        }
    }

    func sessionDidLose(_ error: AMQPError) { reset() }

    func sessionCannotConnect(_ error: AMQPError) {}

    // MARK: Channels

    /// Opens the channel of a part with all that belongs to it; an error that leaves the connection whole is told once,
    /// and the part is tried again later.
    func open(_ part: Part, on connection: AMQPConnection) throws(AMQPError) {
        do throws(AMQPError) {
            try connection.openChannel(part.rawValue)
            switch part {
            case .inbox: try openInbox(connection)
            case .events: try declareEvents(connection, part)
            case .replies: declared = []
            case .mingle: try mingle.begin(connection)
            case .gossip: try openGossip(connection)
            }
            channels.opened(part)
            if part == .inbox { core.control.isListening.store(true, ordering: .relaxed) }
        } catch {
            if error.endsConnection { throw error }
            lost(part, advice(part, error))
        }
    }

    private func lost(_ part: Part, _ reason: String) {
        if part == .inbox { core.control.isListening.store(false, ordering: .relaxed) }
        guard channels.failed(part, at: .now) else { return }
        core.logger.error("remote control, \(part): \(reason); trying again until it can be had")
    }

    private func advice(_ part: Part, _ error: AMQPError) -> String {
        guard part == .inbox, error.code == .channelClosed(405) else { return "\(error)" }
        return "A node named \(core.nodename) is already using this process mailbox: shut the other one down, or give "
            + "each node a name of its own (-n)"
    }

    private func openInbox(_ connection: AMQPConnection) throws(AMQPError) {
        let channel = Part.inbox.rawValue
        let queue = ControlRequest.queue(of: core.nodename)
        try connection.declareExchange(
            ControlRequest.exchange,
            type: "fanout",
            durable: false,
            channel: channel
        )
        _ = try connection.declareQueue(
            queue,
            durable: false,
            exclusive: true,
            autoDelete: true,
            arguments: ["x-expires": .integer(10_000), "x-message-ttl": .integer(300_000)],
            channel: channel
        )
        try connection.bindQueue(queue, exchange: ControlRequest.exchange, routingKey: "", channel: channel)
        try connection.consume(queue, consumerTag: "control", noAck: true, channel: channel)
    }

    private func openGossip(_ connection: AMQPConnection) throws(AMQPError) {
        let channel = Part.gossip.rawValue
        try declareEvents(connection, .gossip)
        let queue = "celeryev.\(TaskID.make())"
        _ = try connection.declareQueue(
            queue,
            durable: false,
            exclusive: true,
            autoDelete: true,
            arguments: ["x-expires": .integer(60_000), "x-message-ttl": .integer(2000)],
            channel: channel
        )
        try connection.bindQueue(queue, exchange: EventMessage.exchange, routingKey: "worker.#", channel: channel)
        try connection.consume(queue, consumerTag: "gossip", noAck: true, channel: channel)
    }

    private func declareEvents(_ connection: AMQPConnection, _ part: Part) throws(AMQPError) {
        try connection.declareExchange(EventMessage.exchange, type: "topic", channel: part.rawValue)
    }
}
