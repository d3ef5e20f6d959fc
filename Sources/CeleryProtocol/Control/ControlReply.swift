import OrderedCollections

/// What one worker answers to a request (`kombu/pidbox.py`, `Node.reply` and `Mailbox._publish_reply`).
public struct ControlReply: Sendable, Hashable {
    public var nodename: String
    public var value: CeleryValue
    public var ticket: String?
    public var clock: Int

    public init(nodename: String, value: CeleryValue, ticket: String?, clock: Int) {
        self.nodename = nodename
        self.value = value
        self.ticket = ticket
        self.clock = clock
    }

    /// Reads the answers in one message: one in practice.
    ///
    /// - Throws: `ControlMessageError` for what is none.
    public static func decode(
        properties: Range<Int>,
        body: Range<Int>,
        in bytes: [UInt8],
        accept: AcceptContent,
        limits: DecodingLimits = DecodingLimits()
    ) throws(ControlMessageError) -> [ControlReply] {
        let message = try ControlBody(properties: properties, body: body, in: bytes, accept: accept, limits: limits)
        guard case .map(let map) = message.value else { throw ControlMessageError("its body is no dict") }
        let ticket = message.properties.headers?["ticket"]?.stringValue
        return map.map { ControlReply(nodename: $0.key, value: $0.value, ticket: ticket, clock: message.clock) }
    }

    /// `{"<nodename>": <value>}` as JSON.
    public var body: [UInt8] { JSONWriter.bytes(.map([nodename: value])) }

    /// The raw properties of the message.
    public var properties: [UInt8] {
        ControlBody.properties(["ticket": ticket.map(CeleryValue.string) ?? .null, "clock": .int(clock)])
    }
}
