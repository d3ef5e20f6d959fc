import OrderedCollections

extension TaskMessage {
    /// Decodes one delivery.
    ///
    /// - Parameters:
    ///   - properties: where the raw basic properties stand in `bytes`: flags, then values (AMQP 0-9-1 §4.2.6.1).
    ///   - body: where the payload stands in `bytes`.
    ///   - bytes: the arena of a batch of deliveries; kept, not copied.
    ///   - deliveryInfo: from the delivery's method frame; its priority is taken from the properties.
    ///   - accept: content types that may be decoded.
    ///   - limits: bounds of size and depth.
    ///   - decompress: unpacks compressed bodies; without it they are undecodable.
    /// - Throws: `MessageError`, with as much of the message as could be read.
    public static func decode(
        properties: Range<Int>,
        body: Range<Int>,
        in bytes: [UInt8],
        deliveryInfo: DeliveryInfo,
        accept: AcceptContent = .json,
        limits: DecodingLimits = .init(),
        decompress: Decompress? = nil
    ) throws(MessageError) -> TaskMessage {
        guard body.lowerBound >= 0, body.upperBound <= bytes.count else {
            throw MessageError(.undecodable, "the message is cut short")
        }
        var failure: AMQPFormatError?
        let raw = RawProperties(bytes, range: properties, failure: &failure)
        var deliveryInfo = deliveryInfo
        deliveryInfo.priority = raw.priority
        let source = MessageSource(
            bytes: bytes,
            properties: properties,
            body: body,
            raw: raw,
            deliveryInfo: deliveryInfo
        )
        if failure == nil, let message = plain(source, accept, limits) { return message }
        let decoder = BodyDecoder(source: source, accept: accept, limits: limits, decompress: decompress)
        return try general(decoder, failure)
    }

    /// Decodes any message, at the cost of reading all headers into a map first.
    private static func general(
        _ decoder: BodyDecoder,
        _ failure: AMQPFormatError?
    ) throws(MessageError) -> TaskMessage {
        let source = decoder.source
        var failure = failure
        var map = CeleryMap()
        if let range = source.raw.headers {
            do {
                try AMQPTable.decode(source.bytes, range, into: &map)
            } catch {
                failure = failure ?? error
            }
        }
        let headers = TaskHeaders(map)
        do throws(MessageError) {
            if let failure { throw MessageError(.undecodable, failure.description) }
            return try message(headers, map, source, decoder.decode(source.body, headers))
        } catch {
            throw error.with(headers, source)
        }
    }

    private static func message(
        _ headers: TaskHeaders,
        _ map: CeleryMap,
        _ source: MessageSource,
        _ decoded: BodyDecoder.Decoded
    ) throws(MessageError) -> TaskMessage {
        switch decoded {
        case .body(let body):
            return try make(headers, source, body, .two, nil)
        case .legacy(let parsed):
            let isHybrid = headers.task != nil
            let all = legacyHeaders(parsed, map, isHybrid: isHybrid)
            let body = try legacyBody(parsed)
            return try make(TaskHeaders(all), source, body, isHybrid ? .hybrid : .one, all)
        }
    }

    private static func make(
        _ headers: TaskHeaders,
        _ source: MessageSource,
        _ body: TaskBody,
        _ version: ProtocolVersion,
        _ legacyHeaders: CeleryMap?
    ) throws(MessageError) -> TaskMessage {
        if let problem = headers.problem { throw MessageError(.invalid, problem) }
        guard let task = headers.task else { throw MessageError(.unknownMessage, "it names no task") }
        guard let id = headers.id else { throw MessageError(.invalid, "Task message has no id") }
        return TaskMessage(
            headers,
            id: id,
            task: task,
            source: source,
            body: body,
            version: version,
            legacyHeaders: legacyHeaders
        )
    }
}

extension MessageError {
    /// The error with what could be read of its message; what it knows already stays.
    fileprivate func with(_ headers: TaskHeaders, _ source: MessageSource) -> MessageError {
        var error = self
        error.id = id ?? headers.id
        error.task = task ?? headers.task
        error.rootID = rootID ?? headers.rootID
        error.parentID = parentID ?? headers.parentID
        error.group = group ?? headers.group
        error.replyTo = source.text(source.raw.replyTo)
        error.correlationID = source.text(source.raw.correlationID)
        error.contentType = source.text(source.raw.contentType)
        error.contentEncoding = source.text(source.raw.contentEncoding)
        error.bodyDump = MessageError.dump(source.bytes, source.body)
        return error
    }
}
