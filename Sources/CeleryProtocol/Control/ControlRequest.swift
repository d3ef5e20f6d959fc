import OrderedCollections

/// What somebody asks of one, some or all workers (`kombu/pidbox.py`, `Mailbox._publish` and `Node.handle_message`).
public struct ControlRequest: Sendable, Hashable {
    /// Where the answer goes.
    public struct ReplyTo: Sendable, Hashable {
        public var exchange: String
        public var routingKey: String

        public init(exchange: String, routingKey: String) {
            self.exchange = exchange
            self.routingKey = routingKey
        }
    }

    public var method: String
    public var arguments: CeleryMap
    /// Node names; empty when the request is for all, or for those that `pattern` matches.
    public var destination: [String] = []
    public var pattern: String?
    /// `glob` or `pcre`.
    public var matcher: String?
    /// Tells answers to this request from answers to others.
    public var ticket: String?
    public var replyTo: ReplyTo?
    /// The sender's logical clock; 0 when it has none.
    public var clock = 0

    public init(_ method: String, arguments: CeleryMap = [:]) {
        self.method = method
        self.arguments = arguments
    }

    /// Reads a request.
    ///
    /// - Throws: `ControlMessageError` for what is not one.
    public init(
        properties: Range<Int>,
        body: Range<Int>,
        in bytes: [UInt8],
        accept: AcceptContent,
        limits: DecodingLimits = DecodingLimits()
    ) throws(ControlMessageError) {
        let message = try ControlBody(properties: properties, body: body, in: bytes, accept: accept, limits: limits)
        guard case .map(let map) = message.value else {
            throw ControlMessageError("its body is a \(message.value.pythonTypeName), not a dict")
        }
        guard let method = map["method"]?.stringValue else { throw ControlMessageError("it names no method") }
        self.method = method
        arguments = try Self.arguments(map["arguments"])
        destination = Self.names(map["destination"])
        pattern = map["pattern"]?.stringValue
        matcher = map["matcher"]?.stringValue
        ticket = map["ticket"]?.stringValue
        clock = message.clock
        guard let target = map["reply_to"], target != .null, target != [:] else { return }
        guard let exchange = target["exchange"]?.stringValue, let key = target["routing_key"]?.stringValue else {
            throw ControlMessageError("its reply_to has no exchange and routing_key")
        }
        guard exchange.utf8.count < 256, key.utf8.count < 256 else {
            throw ControlMessageError("its reply_to is longer than AMQP's 255 bytes")
        }
        replyTo = ReplyTo(exchange: exchange, routingKey: key)
    }

    private static func arguments(_ value: CeleryValue?) throws(ControlMessageError) -> CeleryMap {
        switch value {
        case nil, .null, .array([]): return [:]
        case .map(let map): return map
        default: throw ControlMessageError("its arguments are no dict")
        }
    }

    private static func names(_ value: CeleryValue?) -> [String] {
        switch value {
        case .string(let name): [name]
        case .array(let names): names.compactMap(\.stringValue)
        default: []
        }
    }

    /// The JSON body, with kombu's keys in kombu's order.
    public var body: [UInt8] {
        var map: CeleryMap = [
            "method": .string(method), "arguments": .map(arguments),
            "destination": destination.isEmpty ? .null : .array(destination.map(CeleryValue.string)),
            "pattern": pattern.map(CeleryValue.string) ?? .null, "matcher": matcher.map(CeleryValue.string) ?? .null,
        ]
        if let replyTo {
            map["ticket"] = ticket.map(CeleryValue.string) ?? .null
            map["reply_to"] = ["exchange": .string(replyTo.exchange), "routing_key": .string(replyTo.routingKey)]
        }
        return JSONWriter.bytes(.map(map))
    }

    /// The raw properties of the message.
    ///
    /// - Parameter expires: Unix seconds after which nobody waits for the answer; 0 for never.
    public func properties(expires: Double) -> [UInt8] {
        ControlBody.properties(["clock": .int(clock), "expires": expires == 0 ? .int(0) : .double(expires)])
    }
}

extension ControlRequest {
    /// The fanout exchange that all workers listen to; not durable.
    public static let exchange = "celery.pidbox"
    /// The direct exchange of the answers; not durable.
    public static let replyExchange = "reply.celery.pidbox"

    /// The queue of one worker.
    public static func queue(of nodename: String) -> String { "\(nodename).\(exchange)" }

    /// The queue in which one client gets its answers.
    public static func replyQueue(of oid: String) -> String { "\(oid).\(replyExchange)" }
}
