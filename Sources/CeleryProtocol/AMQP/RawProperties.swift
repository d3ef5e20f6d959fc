/// Where each basic property stands in the bytes of a message's properties; nothing is copied.
///
/// Range and layout of the table are checked, its entries are not.
struct RawProperties {
    var flags: UInt16 = 0
    var contentType: Range<Int>?
    var contentEncoding: Range<Int>?
    /// The entries, without the length before them.
    var headers: Range<Int>?
    var deliveryMode: UInt8?
    var priority: UInt8?
    var correlationID: Range<Int>?
    var replyTo: Range<Int>?
    var expiration: Range<Int>?
    var messageID: Range<Int>?
    var timestamp: UInt64?
    var type: Range<Int>?
    var userID: Range<Int>?
    var appID: Range<Int>?
    var clusterID: Range<Int>?

    /// Reads flags and properties in `range` (AMQP 0-9-1 §4.2.6.1); what can't be read stays nil.
    ///
    /// - Parameter failure: why reading stopped early, nil if it did not.
    init(_ bytes: [UInt8], range: Range<Int>, failure: inout AMQPFormatError?) {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else {
            failure = .truncated("the message")
            return
        }
        do {
            try read(bytes.span, range)
        } catch {
            failure = error
        }
    }

    private mutating func read(_ span: Span<UInt8>, _ range: Range<Int>) throws(AMQPFormatError) {
        var at = range.lowerBound
        let end = range.upperBound
        guard let flags = BigEndian.read(UInt16.self, span, &at, end) else { throw .truncated("the flags") }
        self.flags = flags
        guard flags & BasicProperties.Flag.continuation == 0 else {
            throw AMQPFormatError("AMQP properties carry more flags than class basic has")
        }
        contentType = try shortText(flags & BasicProperties.Flag.contentType, span, &at, end)
        contentEncoding = try shortText(flags & BasicProperties.Flag.contentEncoding, span, &at, end)
        if flags & BasicProperties.Flag.headers != 0 {
            guard let size = BigEndian.read(UInt32.self, span, &at, end), Int(size) <= end - at else {
                throw .truncated("the headers")
            }
            headers = at..<(at + Int(size))
            at += Int(size)
        }
        deliveryMode = try octet(flags & BasicProperties.Flag.deliveryMode, span, &at, end)
        priority = try octet(flags & BasicProperties.Flag.priority, span, &at, end)
        correlationID = try shortText(flags & BasicProperties.Flag.correlationID, span, &at, end)
        replyTo = try shortText(flags & BasicProperties.Flag.replyTo, span, &at, end)
        // The seven properties from here on are rare.
        if flags & 0x01fc != 0 {
            try readRest(span, &at, end)
        }
    }

    private mutating func readRest(_ span: Span<UInt8>, _ at: inout Int, _ end: Int) throws(AMQPFormatError) {
        expiration = try shortText(flags & BasicProperties.Flag.expiration, span, &at, end)
        messageID = try shortText(flags & BasicProperties.Flag.messageID, span, &at, end)
        if flags & BasicProperties.Flag.timestamp != 0 {
            guard let seconds = BigEndian.read(UInt64.self, span, &at, end) else { throw .truncated("the timestamp") }
            timestamp = seconds
        }
        type = try shortText(flags & BasicProperties.Flag.type, span, &at, end)
        userID = try shortText(flags & BasicProperties.Flag.userID, span, &at, end)
        appID = try shortText(flags & BasicProperties.Flag.appID, span, &at, end)
        clusterID = try shortText(flags & BasicProperties.Flag.clusterID, span, &at, end)
    }

    @inline(__always)
    private func shortText(
        _ present: UInt16,
        _ span: Span<UInt8>,
        _ at: inout Int,
        _ end: Int
    ) throws(AMQPFormatError) -> Range<Int>? {
        guard present != 0 else { return nil }
        guard at < end, Int(span[at]) < end - at else { throw .truncated("a property") }
        let start = at + 1
        at = start + Int(span[at])
        return start..<at
    }

    @inline(__always)
    private func octet(
        _ present: UInt16,
        _ span: Span<UInt8>,
        _ at: inout Int,
        _ end: Int
    ) throws(AMQPFormatError) -> UInt8? {
        guard present != 0 else { return nil }
        guard let value = BigEndian.read(UInt8.self, span, &at, end) else { throw .truncated("a property") }
        return value
    }
}
