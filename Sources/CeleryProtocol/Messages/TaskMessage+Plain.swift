extension TaskMessage {
    /// Decodes a well-behaved message: protocol 2, JSON, not compressed, as nearly all are. Nil for every other and for
    /// whatever is wrong, which the general path finds out again.
    static func plain(
        _ source: MessageSource,
        _ accept: AcceptContent,
        _ limits: DecodingLimits
    ) -> TaskMessage? {
        let bytes = source.bytes
        let span = bytes.span
        guard accept.acceptsJSON, let range = source.raw.headers, MessageSource.isJSON(span, source.raw.contentType),
            source.body.count <= limits.maxBodyBytes
        else { return nil }
        var headers = PlainHeaders()
        guard headers.read(span, range), let body = try? TaskBody(splitting: bytes, source.body, limits) else {
            return nil
        }
        var eta: Timestamp?
        var expires: Timestamp?
        if !headers.eta.isEmpty {
            eta = Timestamp(iso: AMQPTable.text(bytes, headers.eta))
            if eta == nil { return nil }
        }
        if !headers.expires.isEmpty {
            expires = Timestamp(iso: AMQPTable.text(bytes, headers.expires))
            if expires == nil { return nil }
        }
        return TaskMessage(plain: headers, eta: eta, expires: expires, body: body, source: source)
    }

    /// Whether two spans hold the same bytes; without an early way out, so that many are compared at once.
    @inline(__always)
    static func equal(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        var difference: UInt8 = 0
        for index in 0..<one.count {
            difference |= one[index] ^ other[index]
        }
        return difference == 0
    }

    /// Whether two ranges hold the same bytes: root and correlation id nearly always equal the id, and then share its
    /// text.
    @inline(__always)
    static func equal(_ span: Span<UInt8>, _ one: Range<Int>, _ other: Range<Int>) -> Bool {
        equal(span.extracting(one), span.extracting(other))
    }
}
