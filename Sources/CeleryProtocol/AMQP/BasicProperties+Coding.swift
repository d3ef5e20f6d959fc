extension BasicProperties {
    /// Reads the raw properties in `range` of `bytes`: flags, then values (AMQP 0-9-1 §4.2.6.1).
    ///
    /// Bytes behind the last property are ignored. Texts that are not UTF-8 are repaired.
    ///
    /// - Throws: `AMQPFormatError` if the bytes are malformed.
    public init(decoding bytes: [UInt8], range: Range<Int>? = nil) throws(AMQPFormatError) {
        var failure: AMQPFormatError?
        let raw = RawProperties(bytes, range: range ?? 0..<bytes.count, failure: &failure)
        if let failure { throw failure }
        func text(_ range: Range<Int>?) -> String? { range.map { AMQPTable.text(bytes, $0) } }
        contentType = text(raw.contentType)
        contentEncoding = text(raw.contentEncoding)
        if let range = raw.headers {
            headers = try AMQPTable.decode(bytes, range: range)
        }
        deliveryMode = raw.deliveryMode
        priority = raw.priority
        correlationID = text(raw.correlationID)
        replyTo = text(raw.replyTo)
        expiration = text(raw.expiration)
        messageID = text(raw.messageID)
        timestamp = raw.timestamp
        type = text(raw.type)
        userID = text(raw.userID)
        appID = text(raw.appID)
        clusterID = text(raw.clusterID)
    }

    /// The raw properties: flags, then values, as py-amqp writes them.
    ///
    /// - Throws: `AMQPFormatError` if a text is longer than 255 bytes or a header can't be written.
    public func encoded() throws(AMQPFormatError) -> [UInt8] {
        var table: [UInt8]?
        if let headers {
            var bytes: [UInt8] = []
            try AMQPTable.encode(headers, into: &bytes)
            table = bytes
        }
        return try encoded(table: table)
    }

    /// The raw properties with `table` (its 4-byte length, then its entries) in place of `headers`.
    func encoded(table: [UInt8]?) throws(AMQPFormatError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(160 + (table?.count ?? 0))
        BigEndian.append(UInt16(0), to: &bytes)
        var flags: UInt16 = 0
        try Self.append(contentType, Flag.contentType, &flags, &bytes)
        try Self.append(contentEncoding, Flag.contentEncoding, &flags, &bytes)
        if let table {
            flags |= Flag.headers
            bytes += table
        }
        if let deliveryMode {
            flags |= Flag.deliveryMode
            bytes.append(deliveryMode)
        }
        if let priority {
            flags |= Flag.priority
            bytes.append(priority)
        }
        try Self.append(correlationID, Flag.correlationID, &flags, &bytes)
        try Self.append(replyTo, Flag.replyTo, &flags, &bytes)
        try Self.append(expiration, Flag.expiration, &flags, &bytes)
        try Self.append(messageID, Flag.messageID, &flags, &bytes)
        if let timestamp {
            flags |= Flag.timestamp
            BigEndian.append(timestamp, to: &bytes)
        }
        try Self.append(type, Flag.type, &flags, &bytes)
        try Self.append(userID, Flag.userID, &flags, &bytes)
        try Self.append(appID, Flag.appID, &flags, &bytes)
        try Self.append(clusterID, Flag.clusterID, &flags, &bytes)
        bytes[0] = UInt8(truncatingIfNeeded: flags >> 8)
        bytes[1] = UInt8(truncatingIfNeeded: flags)
        return bytes
    }

    private static func append(
        _ text: String?,
        _ flag: UInt16,
        _ flags: inout UInt16,
        _ bytes: inout [UInt8]
    ) throws(AMQPFormatError) {
        guard let text else { return }
        guard let length = UInt8(exactly: text.utf8.count) else {
            throw AMQPFormatError(
                "the message property '\(text.prefix(40))…' is longer than AMQP's 255 bytes; shorten it"
            )
        }
        flags |= flag
        bytes.append(length)
        bytes.append(contentsOf: text.utf8)
    }
}
