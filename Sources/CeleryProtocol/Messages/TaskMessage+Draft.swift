public import OrderedCollections

extension TaskMessage {
    /// A task message to be sent, before it is bytes: the parameters of Celery's `as_task_v2` (`celery/app/amqp.py`).
    public struct Draft: Sendable {
        public var id: String
        public var task: String
        public var arguments: DraftArguments
        public var links = DraftLinks.none
        public var shadow: String?
        /// Not before this time.
        public var eta: Timestamp?
        /// Not after this time; also becomes the message's TTL in the broker.
        public var expires: Timestamp?
        public var group: String?
        public var groupIndex: Int?
        public var retries = 0
        /// Seconds; whole ones are written as integers.
        public var hardTimeLimit: Double?
        /// Seconds; whole ones are written as integers.
        public var softTimeLimit: Double?
        /// nil: the task's own id.
        public var rootID: String?
        public var parentID: String?
        /// nil: printed from the arguments.
        public var argsRepr: String?
        /// nil: printed from the keyword arguments.
        public var kwargsRepr: String?
        /// `gen<pid>@<hostname>`.
        public var origin: String
        public var ignoreResult: Bool?
        public var replacedTaskNesting = 0
        /// nil is sent as null.
        public var stampedHeaders: [String]?
        public var stamps: CeleryMap = [:]
        /// Custom headers; they replace Celery's own of the same name.
        public var headers: CeleryMap = [:]
        public var lang = "py"
        /// The oid that `rpc://` results go to; sent even if empty.
        public var replyTo = ""
        public var priority: UInt8 = 0
        /// 2: kept by a durable queue when the broker restarts.
        public var deliveryMode: UInt8 = 2
        /// `.json`, `.msgpack` or `.yaml`.
        public var contentType = ContentType.json
        /// Packs the body; its format goes into the `compression` header.
        public var compression: (format: CompressionFormat, compress: @Sendable ([UInt8]) throws -> [UInt8])?
        /// More properties, such as `appID`; those that the draft sets itself are replaced.
        public var properties = BasicProperties()

        public init(
            id: String,
            task: String,
            args: [CeleryValue] = [],
            kwargs: CeleryMap = [:],
            origin: String
        ) {
            self.init(id: id, task: task, arguments: .values(args, kwargs), origin: origin)
        }

        public init(id: String, task: String, arguments: DraftArguments, origin: String) {
            self.id = id
            self.task = task
            self.arguments = arguments
            self.origin = origin
        }
    }
}

extension TaskMessage.Draft {
    /// The message, to be published to `exchange` with `routingKey`.
    ///
    /// - Parameter now: the time that the TTL of a message that expires is counted from.
    /// - Throws: `AMQPFormatError` if a header or property is too long, `SerializationError` if the arguments can't be
    ///   written in `contentType`, and what `compression` throws.
    public func publication(exchange: String = "", routingKey: String, now: Timestamp) throws -> TaskPublication {
        var body = try encodedBody()
        if let compression {
            body = try compression.compress(body)
        }
        return TaskPublication(
            exchange: exchange,
            routingKey: routingKey,
            properties: try encodedProperties(now: now),
            body: body
        )
    }

    private func encodedProperties(now: Timestamp) throws -> [UInt8] {
        var properties = properties
        properties.contentType = contentType.mime
        properties.contentEncoding = contentType.encoding
        properties.deliveryMode = deliveryMode
        properties.priority = priority
        properties.correlationID = properties.correlationID ?? id
        properties.replyTo = replyTo
        if let expires {
            let left = max(0, expires.microsecondsSince1970 - now.microsecondsSince1970)
            properties.expiration = String(left / 1000)
        }
        return try properties.encoded(table: encodedHeaders())
    }

    /// The header table, entries in Celery's order; built without a map where there are no custom headers.
    private func encodedHeaders() throws -> [UInt8] {
        guard headers.isEmpty else { return try mergedHeaders() }
        var table: [UInt8] = []
        table.reserveCapacity(512)
        let start = AMQPTable.openBlock(&table)
        try AMQPTable.encodeEntry("lang", text: lang, into: &table)
        try AMQPTable.encodeEntry("task", text: task, into: &table)
        try AMQPTable.encodeEntry("id", text: id, into: &table)
        try AMQPTable.encodeEntry("shadow", text: shadow, into: &table)
        try AMQPTable.encodeEntry("eta", text: eta?.iso, into: &table)
        try AMQPTable.encodeEntry("expires", text: expires?.iso, into: &table)
        try AMQPTable.encodeEntry("group", text: group, into: &table)
        try AMQPTable.encodeEntry("group_index", Self.value(groupIndex), into: &table)
        try AMQPTable.encodeEntry("retries", .int(retries), into: &table)
        try AMQPTable.encodeEntry("timelimit", timeLimits, into: &table)
        try AMQPTable.encodeEntry("root_id", text: root, into: &table)
        try AMQPTable.encodeEntry("parent_id", text: parentID, into: &table)
        try AMQPTable.encodeEntry("argsrepr", text: printedArgs, into: &table)
        try AMQPTable.encodeEntry("kwargsrepr", text: printedKeywords, into: &table)
        try AMQPTable.encodeEntry("origin", text: origin, into: &table)
        try AMQPTable.encodeEntry("ignore_result", Self.value(ignoreResult), into: &table)
        try AMQPTable.encodeEntry("replaced_task_nesting", .int(replacedTaskNesting), into: &table)
        try AMQPTable.encodeEntry("stamped_headers", stampNames, into: &table)
        try AMQPTable.encodeEntry("stamps", .map(stamps), into: &table)
        if let compression {
            try AMQPTable.encodeEntry("compression", text: compression.format.headerValue, into: &table)
        }
        try AMQPTable.closeBlock(&table, start)
        return table
    }

    /// Celery's own headers, those in `headers` merged into them, as an encoded table.
    private func mergedHeaders() throws -> [UInt8] {
        var plain = self
        plain.headers = [:]
        plain.compression = nil
        let own = try plain.encodedHeaders()
        var map = try AMQPTable.decode(own, range: 4..<own.count)
        map.merge(headers) { $1 }
        if let compression { map["compression"] = .string(compression.format.headerValue) }
        var table: [UInt8] = []
        try AMQPTable.encode(map, into: &table)
        return table
    }

    private var root: String {
        guard let rootID, !rootID.isEmpty else { return id }
        return rootID
    }

    private var stampNames: CeleryValue {
        stampedHeaders.map { .array($0.map(CeleryValue.string)) } ?? .null
    }

    private var timeLimits: CeleryValue {
        .array([Self.seconds(hardTimeLimit), Self.seconds(softTimeLimit)])
    }

    private static func seconds(_ limit: Double?) -> CeleryValue {
        guard let limit else { return .null }
        return Int(exactly: limit).map(CeleryValue.int) ?? .double(limit)
    }

    private static func value(_ number: Int?) -> CeleryValue { number.map(CeleryValue.int) ?? .null }

    private static func value(_ flag: Bool?) -> CeleryValue { flag.map(CeleryValue.bool) ?? .null }
}
