import CRabbitMQ

/// What a queue declaration answers.
package struct AMQPQueueStatus: Sendable, Hashable {
    package var name: String
    package var messages: Int
    package var consumers: Int
}

extension AMQPConnection {
    /// Declares an exchange; with `passive` only asks whether it is there (404 if not).
    package func declareExchange(
        _ name: String,
        type: String = "direct",
        passive: Bool = false,
        durable: Bool = true,
        autoDelete: Bool = false,
        arguments: [String: AMQPArgument] = [:],
        channel: UInt16
    ) throws(AMQPError) {
        let tables = AMQPTableBuilder()
        _ = name.withAMQPBytes { name in
            type.withAMQPBytes { type in
                amqp_exchange_declare(
                    state,
                    channel,
                    name,
                    type,
                    passive ? 1 : 0,
                    durable ? 1 : 0,
                    autoDelete ? 1 : 0,
                    0,
                    tables.table(arguments)
                )
            }
        }
        try check(channel, passive ? "looking for exchange \(name)" : "declaring exchange \(name)")
    }

    /// Declares a queue; with `passive` only asks whether it is there (404 if not).
    package func declareQueue(
        _ name: String,
        passive: Bool = false,
        durable: Bool = true,
        exclusive: Bool = false,
        autoDelete: Bool = false,
        arguments: [String: AMQPArgument] = [:],
        channel: UInt16
    ) throws(AMQPError) -> AMQPQueueStatus {
        let tables = AMQPTableBuilder()
        let answer = name.withAMQPBytes { name in
            amqp_queue_declare(
                state,
                channel,
                name,
                passive ? 1 : 0,
                durable ? 1 : 0,
                exclusive ? 1 : 0,
                autoDelete ? 1 : 0,
                tables.table(arguments)
            )
        }
        try check(channel, passive ? "looking for queue \(name)" : "declaring queue \(name)")
        guard let answer = answer?.pointee else {
            throw AMQPError(.connectionLost(0), attempt: "declaring queue \(name)", reason: "no answer")
        }
        return AMQPQueueStatus(
            name: String(answer.queue),
            messages: Int(answer.message_count),
            consumers: Int(answer.consumer_count)
        )
    }

    package func bindQueue(
        _ queue: String,
        exchange: String,
        routingKey: String,
        arguments: [String: AMQPArgument] = [:],
        channel: UInt16
    ) throws(AMQPError) {
        let tables = AMQPTableBuilder()
        _ = queue.withAMQPBytes { queue in
            exchange.withAMQPBytes { exchange in
                routingKey.withAMQPBytes { key in
                    amqp_queue_bind(state, channel, queue, exchange, key, tables.table(arguments))
                }
            }
        }
        try check(channel, "binding queue \(queue) to exchange \(exchange)")
    }

    /// Drops all messages that wait in the queue; returns how many there were.
    package func purgeQueue(_ queue: String, channel: UInt16) throws(AMQPError) -> Int {
        let answer = queue.withAMQPBytes { amqp_queue_purge(state, channel, $0) }
        try check(channel, "purging queue \(queue)")
        return Int(answer?.pointee.message_count ?? 0)
    }

    package func deleteQueue(_ queue: String, channel: UInt16) throws(AMQPError) {
        _ = queue.withAMQPBytes { amqp_queue_delete(state, channel, $0, 0, 0) }
        try check(channel, "deleting queue \(queue)")
    }

    package func deleteExchange(_ exchange: String, channel: UInt16) throws(AMQPError) {
        _ = exchange.withAMQPBytes { amqp_exchange_delete(state, channel, $0, 0) }
        try check(channel, "deleting exchange \(exchange)")
    }
}
