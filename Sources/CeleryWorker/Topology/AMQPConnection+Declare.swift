import Connections

/// Declares what a queue of the catalogue needs, without ever failing on what is there already.
extension AMQPConnection {
    /// Declares exchange, queue, bindings and dead-letter queue of one queue.
    ///
    /// Celery publishes to an exchange named like the queue with the route's routing key; that key and the
    /// queue's own name are bound. A queue that exists is used as it is found (DESIGN §6).
    func declare(_ queue: QueueSettings, channel: UInt16) throws(AMQPError) {
        try ensureExchange(queue.exchange, type: queue.exchangeType.rawValue, channel: channel)
        try ensureQueue(queue.name, arguments: queue.declarationArguments, channel: channel)
        for key in Set([queue.routingKey, queue.name]) {
            try bindQueue(queue.name, exchange: queue.exchange, routingKey: key, channel: channel)
        }
        if queue.deadLetter {
            try ensureQueue(queue.deadLetterQueue, arguments: queue.deadLetterArguments, channel: channel)
        }
    }

    /// Makes sure that a durable queue is there. Returns whether it was made.
    @discardableResult
    func ensureQueue(
        _ name: String,
        arguments: [String: AMQPArgument] = [:],
        channel: UInt16
    ) throws(AMQPError) -> Bool {
        do throws(AMQPError) {
            _ = try declareQueue(name, passive: true, channel: channel)
            return false
        } catch  where error.code == .channelClosed(404) {
            try openChannel(channel)
        }
        do throws(AMQPError) {
            _ = try declareQueue(name, arguments: arguments, channel: channel)
        } catch  where error.code == .channelClosed(406) {
            // Somebody else was quicker and declared it otherwise.
            try openChannel(channel)
        }
        return true
    }

    /// Makes sure that a durable exchange is there. Returns whether it was made.
    @discardableResult
    func ensureExchange(_ name: String, type: String = "direct", channel: UInt16) throws(AMQPError) -> Bool {
        do throws(AMQPError) {
            try declareExchange(name, type: type, passive: true, channel: channel)
            return false
        } catch  where error.code == .channelClosed(404) {
            try openChannel(channel)
        }
        do throws(AMQPError) {
            try declareExchange(name, type: type, channel: channel)
        } catch  where error.code == .channelClosed(406) {
            try openChannel(channel)
        }
        return true
    }
}

extension QueueSettings {
    /// What can only be said by arguments; everything else is a policy.
    var declarationArguments: [String: AMQPArgument] {
        var arguments: [String: AMQPArgument] = [:]
        if kind == .quorum { arguments["x-queue-type"] = .string("quorum") }
        if let maxPriority { arguments["x-max-priority"] = .integer(Int32(clamping: maxPriority)) }
        // Two workers may believe for a moment that a partition is theirs; the broker delivers to one of them.
        if partition != nil { arguments["x-single-active-consumer"] = .bool(true) }
        return arguments
    }

    /// The dead letters of a replicated queue are replicated too.
    var deadLetterArguments: [String: AMQPArgument] {
        kind == .quorum ? ["x-queue-type": .string("quorum")] : [:]
    }
}
