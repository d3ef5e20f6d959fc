import CRabbitMQ

extension AMQPConnection {
    /// Lets messages of exchange `source` that match `routingKey` go on to exchange `destination` (RabbitMQ's
    /// extension of AMQP 0-9-1).
    package func bindExchange(
        _ destination: String,
        to source: String,
        routingKey: String,
        channel: UInt16
    ) throws(AMQPError) {
        _ = destination.withAMQPBytes { destination in
            source.withAMQPBytes { source in
                routingKey.withAMQPBytes { key in
                    amqp_exchange_bind(state, channel, destination, source, key, amqp_empty_table)
                }
            }
        }
        try check(channel, "binding exchange \(destination) to exchange \(source)")
    }
}
