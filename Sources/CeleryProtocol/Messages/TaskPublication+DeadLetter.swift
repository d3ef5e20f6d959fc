import OrderedCollections

extension TaskPublication {
    /// A dead letter: the body as it came, the properties with `headers` added to their table.
    ///
    /// What the properties hold stays as it is, byte for byte, but for what would harm a message that is published
    /// again: `expiration` (the dead letter would vanish), `user_id` (the broker refuses another user's), and the
    /// headers `CC` and `BCC` (the broker would route copies back). They are kept as headers `x-chard-expiration`,
    /// `x-chard-user-id`, `x-chard-cc` and `x-chard-bcc`. Entries of the same names as `headers` are replaced.
    /// Properties that can't be read are kept whole in the header `x-chard-properties`, a table that can't be read in
    /// `x-chard-headers`.
    ///
    /// - Parameters:
    ///   - properties: where the raw properties stand in `bytes`.
    ///   - body: where the body stands in `bytes`.
    ///   - headers: what is added, such as `x-chard-reason`.
    /// - Throws: `AMQPFormatError` if `headers` can't be written.
    public static func deadLetter(
        properties: Range<Int>,
        body: Range<Int>,
        in bytes: [UInt8],
        exchange: String = "",
        routingKey: String,
        headers: CeleryMap
    ) throws(AMQPFormatError) -> TaskPublication {
        let all = 0..<bytes.count
        var letter = DeadLetter(bytes: bytes, properties: properties.clamped(to: all), added: headers)
        return TaskPublication(
            exchange: exchange,
            routingKey: routingKey,
            properties: try letter.extendedProperties(),
            body: Array(bytes[body.clamped(to: all)])
        )
    }
}

extension TaskMessage {
    /// The message as a dead letter, as it came: see `TaskPublication.deadLetter`.
    public func deadLetter(
        exchange: String = "",
        routingKey: String,
        headers: CeleryMap
    ) throws(AMQPFormatError) -> TaskPublication {
        try TaskPublication.deadLetter(
            properties: propertiesRange,
            body: bodyRange,
            in: bytes,
            exchange: exchange,
            routingKey: routingKey,
            headers: headers
        )
    }
}
