extension AMQPDeliveryBatch {
    /// A batch of one delivery that was taken from another batch.
    package static func single(
        bytes: [UInt8],
        redelivered: Bool,
        exchange: Range<Int>,
        routingKey: Range<Int>,
        properties: Range<Int>,
        body: Range<Int>
    ) -> AMQPDeliveryBatch {
        let delivery = AMQPDelivery(
            channel: 0,
            redelivered: redelivered,
            deliveryTag: 0,
            exchange: exchange,
            routingKey: routingKey,
            properties: properties,
            body: body
        )
        return AMQPDeliveryBatch(bytes: bytes, deliveries: [delivery])
    }
}
