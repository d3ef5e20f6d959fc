import CRabbitMQ

extension AMQPConnection {
    /// Makes the broker confirm every publish on the channel (`confirm.select`).
    package func selectConfirms(channel: UInt16) throws(AMQPError) {
        _ = amqp_confirm_select(state, channel)
        try check(channel, "switching on publisher confirms")
    }

    /// Sends a message; the confirm, if selected, comes through `receive`.
    ///
    /// - Parameter properties: The raw basic properties, flags first (AMQP 0-9-1 §4.2.6); empty for none.
    package func publish(
        exchange: String,
        routingKey: String,
        mandatory: Bool,
        properties: [UInt8],
        body: [UInt8],
        channel: UInt16
    ) throws(AMQPError) {
        let attempt = "publishing to exchange \"\(exchange)\" with key \"\(routingKey)\""
        guard exchange.utf8.count < 256, routingKey.utf8.count < 256 else {
            throw AMQPError(.invalid, attempt: attempt, reason: "a name of more than 255 bytes")
        }
        var pool = amqp_pool_t()
        init_amqp_pool(&pool, 4096)
        defer { empty_amqp_pool(&pool) }
        let decoded = try decode(properties, pool: &pool, attempt: attempt)
        let status = exchange.withAMQPBytes { exchange in
            routingKey.withAMQPBytes { key in
                body.withAMQPBytes { body in
                    amqp_basic_publish(state, channel, exchange, key, mandatory ? 1 : 0, 0, decoded, body)
                }
            }
        }
        try check(status: status, attempt)
    }

    /// librabbitmq publishes from its own structures only, so the bytes are decoded into the pool first.
    private func decode(
        _ properties: [UInt8],
        pool: inout amqp_pool_t,
        attempt: String
    ) throws(AMQPError) -> UnsafePointer<amqp_basic_properties_t>? {
        guard !properties.isEmpty else { return nil }
        var decoded: UnsafeMutableRawPointer?
        let length = properties.count
        guard let copy = amqp_pool_alloc(&pool, length) else {
            throw AMQPError(.invalid, attempt: attempt, reason: "out of memory")
        }
        properties.withUnsafeBytes { copy.copyMemory(from: $0.baseAddress!, byteCount: length) }
        let bytes = amqp_bytes_t(len: length, bytes: copy)
        let status = amqp_decode_properties(UInt16(AMQP_BASIC_CLASS), &pool, bytes, &decoded)
        guard status >= 0, let decoded else {
            throw AMQPError(.invalid, attempt: attempt, reason: "the message's properties are malformed")
        }
        return UnsafePointer(decoded.assumingMemoryBound(to: amqp_basic_properties_t.self))
    }
}
