import CRabbitMQ

extension AMQPConnection {
    /// Limits the unacknowledged deliveries of the consumers that are started on the channel after this call.
    ///
    /// Never global: quorum queues and RabbitMQ 4 refuse that (`basic.qos` with `global` set, error 540).
    package func limitPrefetch(_ count: UInt16, channel: UInt16) throws(AMQPError) {
        _ = amqp_basic_qos(state, channel, 0, count, 0)
        try check(channel, "setting the prefetch to \(count)")
    }

    /// Starts a consumer; deliveries then come through `receive`.
    package func consume(
        _ queue: String,
        consumerTag: String,
        noAck: Bool = false,
        exclusive: Bool = false,
        arguments: [String: AMQPArgument] = [:],
        channel: UInt16
    ) throws(AMQPError) {
        let tables = AMQPTableBuilder()
        _ = queue.withAMQPBytes { queue in
            consumerTag.withAMQPBytes { tag in
                amqp_basic_consume(
                    state,
                    channel,
                    queue,
                    tag,
                    0,
                    noAck ? 1 : 0,
                    exclusive ? 1 : 0,
                    tables.table(arguments)
                )
            }
        }
        try check(channel, "consuming from queue \(queue)")
    }

    /// Ends a consumer. Deliveries that were on their way may still come out of `receive`.
    package func cancelConsumer(_ consumerTag: String, channel: UInt16) throws(AMQPError) {
        _ = consumerTag.withAMQPBytes { amqp_basic_cancel(state, channel, $0) }
        try check(channel, "ending consumer \(consumerTag)")
    }

    /// Gives a delivery back to its queue, or to its dead-letter exchange when `requeue` is false.
    package func reject(_ deliveryTag: UInt64, requeue: Bool, channel: UInt16) throws(AMQPError) {
        try flushAcknowledgements()
        try check(
            status: amqp_basic_reject(state, channel, deliveryTag, requeue ? 1 : 0),
            "rejecting a delivery"
        )
    }

    /// Gives back all deliveries up to the tag without counting them as failures (`basic.nack`).
    package func nack(_ deliveryTag: UInt64, multiple: Bool, requeue: Bool, channel: UInt16) throws(AMQPError) {
        try flushAcknowledgements()
        let status = amqp_basic_nack(state, channel, deliveryTag, multiple ? 1 : 0, requeue ? 1 : 0)
        try check(status: status, "returning deliveries")
    }
}
