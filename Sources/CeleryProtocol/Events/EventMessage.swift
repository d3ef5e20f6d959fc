import OrderedCollections

/// Events as they come from the broker (`celery/events/receiver.py`): one map, or a list of them.
public enum EventMessage {
    /// The topic exchange of all events; durable.
    public static let exchange = "celeryev"

    /// Task events travel together in lists under this key.
    public static let taskMultiKey = "task.multi"

    /// `task-sent` becomes `task.sent`.
    public static func routingKey(of type: String) -> String { type.replacing("-", with: ".") }

    /// The raw properties of a message with events.
    public static func properties(hostname: String) -> [UInt8] {
        ControlBody.properties(["hostname": .string(hostname)])
    }

    /// Reads the events of one message.
    ///
    /// - Throws: `ControlMessageError` for what holds none.
    public static func decode(
        properties: Range<Int>,
        body: Range<Int>,
        in bytes: [UInt8],
        accept: AcceptContent = .json,
        limits: DecodingLimits = DecodingLimits()
    ) throws(ControlMessageError) -> [CeleryMap] {
        let message = try ControlBody(properties: properties, body: body, in: bytes, accept: accept, limits: limits)
        switch message.value {
        case .map(let event): return [event]
        case .array(let events): return events.compactMap(\.mapValue)
        default: throw ControlMessageError("its body is neither an event nor a list of events")
        }
    }
}
