import OrderedCollections

/// Builds the properties of a dead letter from those of the message.
struct DeadLetter {
    let bytes: [UInt8]
    let properties: Range<Int>
    var added: CeleryMap

    /// Headers that make RabbitMQ route copies (https://www.rabbitmq.com/docs/sender-selected), and their new names.
    private static let routingHeaders = ["CC": "x-chard-cc", "BCC": "x-chard-bcc"]

    mutating func extendedProperties() throws(AMQPFormatError) -> [UInt8] {
        var failure: AMQPFormatError?
        let raw = RawProperties(bytes, range: properties, failure: &failure)
        guard failure == nil else { return try rescued(raw) }
        keep(raw.expiration, as: "x-chard-expiration")
        keep(raw.userID, as: "x-chard-user-id")
        var result: [UInt8] = []
        result.reserveCapacity(properties.count + 512)
        let flags =
            (raw.flags | BasicProperties.Flag.headers)
            & ~(BasicProperties.Flag.expiration | BasicProperties.Flag.userID)
        BigEndian.append(flags, to: &result)
        appendText(raw.contentType, &result)
        appendText(raw.contentEncoding, &result)
        result += try extendedTable(raw.headers ?? 0..<0)
        result += [raw.deliveryMode, raw.priority].compactMap(\.self)
        appendText(raw.correlationID, &result)
        appendText(raw.replyTo, &result)
        appendText(raw.messageID, &result)
        if let timestamp = raw.timestamp { BigEndian.append(timestamp, to: &result) }
        appendText(raw.type, &result)
        appendText(raw.appID, &result)
        appendText(raw.clusterID, &result)
        return result
    }

    private mutating func keep(_ range: Range<Int>?, as name: String) {
        guard let range, added[name] == nil else { return }
        added[name] = .string(AMQPTable.text(bytes, range))
    }

    private func appendText(_ range: Range<Int>?, _ result: inout [UInt8]) {
        guard let range else { return }
        result.append(UInt8(truncatingIfNeeded: range.count))
        result += bytes[range]
    }

    /// The table with its length: the old entries, then the added ones.
    ///
    /// Entries are copied one by one as long as they can be told apart; the rest is copied as it is.
    private mutating func extendedTable(_ range: Range<Int>) throws(AMQPFormatError) -> [UInt8] {
        var table: [UInt8] = []
        table.reserveCapacity(range.count + 512)
        let start = AMQPTable.openBlock(&table)
        var at = range.lowerBound
        while at < range.upperBound {
            var next = at
            guard let name = try? AMQPTable.entryName(bytes.span, &next, range.upperBound),
                let value = try? AMQPFieldValue.read(bytes.span, &next, range.upperBound)
            else {
                return try rescuedTable(range)
            }
            let text = AMQPTable.text(bytes, name)
            if let renamed = Self.routingHeaders[text] {
                if added[renamed] == nil { added[renamed] = try AMQPTable.celeryValue(value, bytes) }
            } else if added[text] == nil {
                table += bytes[at..<next]
            }
            at = next
        }
        for (name, value) in added {
            try AMQPTable.encodeEntry(name, value, into: &table)
        }
        try AMQPTable.closeBlock(&table, start)
        return table
    }

    /// A table that can't be read would make the broker or a reader stumble: it becomes a value of one header.
    private func rescuedTable(_ range: Range<Int>) throws(AMQPFormatError) -> [UInt8] {
        var headers = added
        headers["x-chard-headers"] = .bytes([UInt8](bytes[range]))
        var table: [UInt8] = []
        try AMQPTable.encode(headers, into: &table)
        return table
    }

    /// The properties that could be read before the bytes broke off, and all of them as they came in one header.
    private func rescued(_ raw: RawProperties) throws(AMQPFormatError) -> [UInt8] {
        var properties = BasicProperties()
        properties.contentType = raw.contentType.map { AMQPTable.text(bytes, $0) }
        properties.contentEncoding = raw.contentEncoding.map { AMQPTable.text(bytes, $0) }
        properties.deliveryMode = 2
        var headers = added
        headers["x-chard-properties"] = .bytes([UInt8](bytes[self.properties]))
        properties.headers = headers
        return try properties.encoded()
    }
}
