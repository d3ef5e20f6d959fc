import OrderedCollections

/// One task message in protocol 2's terms, whatever it came as (protocol 1, 2 or hybrid).
///
/// Immutable. It keeps the bytes it was decoded from, shared with the other messages of its batch, so that nothing is
/// copied before it is needed; what is seldom asked for (`argsRepr`, `customHeaders`, …) is read from them each time.
public final class TaskMessage: Sendable {
    /// The dialect a message came in.
    public enum ProtocolVersion: Int, Sendable {
        /// Everything in the body.
        case one = 1
        /// Metadata in the headers, `[args, kwargs, embed]` in the body.
        case two = 2
        /// Protocol 2's headers and protocol 1's body.
        case hybrid = 12
    }

    public let id: String
    /// The name under which the task is registered.
    public let task: String
    /// What `shadow` calls the task in logs and events, nil if nothing.
    public let shadow: String?
    public let rootID: String?
    public let parentID: String?
    public let group: String?
    public let groupIndex: Int?
    /// How often it was tried before; never negative.
    public let retries: Int
    public let eta: Timestamp?
    public let expires: Timestamp?
    /// Seconds.
    public let hardTimeLimit: Double?
    /// Seconds.
    public let softTimeLimit: Double?
    /// Overrides the task's own option; nil where the message says nothing.
    public let ignoreResult: Bool?
    /// Whether its sender may have sent it before: Chard's header `x-chard-again`.
    public let isAgain: Bool
    public static let againHeader = "x-chard-again"
    /// 0 if the message has none.
    public let priority: UInt8
    public let contentType: ContentType
    public let correlationID: String?
    public let protocolVersion: ProtocolVersion
    public let body: TaskBody
    public let deliveryInfo: DeliveryInfo

    let bytes: [UInt8]
    let propertiesRange: Range<Int>
    let headersRange: Range<Int>
    /// The payload as it came.
    let bodyRange: Range<Int>
    let replyToRange: Range<Int>?
    /// All headers where they are not those of the AMQP table: protocol 1 and hybrid messages.
    let legacyHeaders: CeleryMap?

    /// The name to show: `shadow`, else `task`.
    public var name: String { shadow ?? task }

    /// A message of the general path.
    init(
        _ headers: TaskHeaders,
        id: String,
        task: String,
        source: MessageSource,
        body: TaskBody,
        version: ProtocolVersion,
        legacyHeaders: CeleryMap?
    ) {
        self.id = id
        self.task = task
        shadow = headers.shadow
        rootID = headers.rootID
        parentID = headers.parentID
        group = headers.group
        groupIndex = headers.groupIndex
        retries = headers.retries
        eta = headers.eta
        expires = headers.expires
        hardTimeLimit = headers.hardTimeLimit
        softTimeLimit = headers.softTimeLimit
        ignoreResult = headers.ignoreResult
        isAgain = headers.isAgain
        priority = source.raw.priority ?? 0
        contentType = source.contentType
        correlationID = source.text(source.raw.correlationID)
        protocolVersion = version
        self.body = body
        deliveryInfo = source.deliveryInfo
        bytes = source.bytes
        propertiesRange = source.properties
        headersRange = source.raw.headers ?? 0..<0
        bodyRange = source.body
        replyToRange = source.raw.replyTo
        self.legacyHeaders = legacyHeaders
    }

    /// A message of the fast path.
    init(plain headers: PlainHeaders, eta: Timestamp?, expires: Timestamp?, body: TaskBody, source: MessageSource) {
        let bytes = source.bytes
        let id = AMQPTable.text(bytes, headers.id)
        let span = bytes.span
        func text(_ range: Range<Int>) -> String? {
            if range.isEmpty { return nil }
            return Self.equal(span, range, headers.id) ? id : AMQPTable.text(bytes, range)
        }
        self.id = id
        task = AMQPTable.text(bytes, headers.task)
        shadow = text(headers.shadow)
        rootID = text(headers.rootID)
        parentID = text(headers.parentID)
        group = text(headers.group)
        groupIndex = headers.groupIndex
        retries = headers.retries
        self.eta = eta
        self.expires = expires
        hardTimeLimit = headers.hardTimeLimit
        softTimeLimit = headers.softTimeLimit
        ignoreResult = headers.ignoreResult
        isAgain = headers.isAgain
        priority = source.raw.priority ?? 0
        contentType = .json
        correlationID = text(source.raw.correlationID ?? 0..<0)
        protocolVersion = .two
        self.body = body
        deliveryInfo = source.deliveryInfo
        self.bytes = bytes
        propertiesRange = source.properties
        headersRange = source.raw.headers ?? 0..<0
        bodyRange = source.body
        replyToRange = source.raw.replyTo
        legacyHeaders = nil
    }
}
