import CeleryProtocol
import OrderedCollections

/// What takes the place of a message's headers and body.
struct DeadEdit: Sendable, Hashable {
    var headers: CeleryMap
    var body: [UInt8]

    /// The largest body that is edited in a form, in bytes.
    static let limit = 256 << 10

    /// Reads what somebody has written, and checks that it is still a task's message.
    ///
    /// - Parameters:
    ///   - headers: A JSON object. Headers that JSON has no form for are kept as they are.
    ///   - body: JSON; for a message of protocol 2 `[args, kwargs, embed]`.
    init(headers headersText: String, body bodyText: String, of message: DeadMessage) throws(PageError) {
        guard case .map(let headers)? = try? JSONParser.parse(Array(headersText.utf8)) else {
            throw .badRequest("requeueing the edited message: the headers are not a JSON object; nothing was done")
        }
        let bytes = Array(bodyText.utf8)
        let value: CeleryValue
        do {
            value = try JSONParser.parse(bytes)
        } catch {
            throw .badRequest("requeueing the edited message: the body is not JSON (\(error)); nothing was done")
        }
        if headers["task"] != nil {
            guard let parts = value.arrayValue, parts.count >= 2, parts[0].arrayValue != nil, parts[1].mapValue != nil
            else {
                throw .badRequest(
                    "requeueing the edited message: the body must be [arguments, keyword arguments, …], as in [[1], {}, {}]; nothing was done"
                )
            }
        }
        let old = message.properties?.headers ?? [:]
        var merged = old.filter { !Self.isEditable($0.key, $0.value) }
        for (name, value) in headers { merged[name] = value }
        if bytes != message.body {
            // They tell of the old arguments; workers make them anew.
            merged["argsrepr"] = nil
            merged["kwargsrepr"] = nil
        }
        self.headers = merged
        body = bytes
    }

    /// Why the message can't be edited; nil when it can.
    static func objection(to message: DeadMessage) -> String? {
        guard let properties = message.properties else { return "Its properties can't be read." }
        if message.isCut || message.size > limit { return "It is too large to be edited here." }
        if properties.headers?["compression"]?.stringValue != nil { return "Its body is compressed." }
        guard properties.contentType == "application/json", (try? JSONParser.parse(message.body)) != nil else {
            return "Its body is not JSON."
        }
        return nil
    }

    /// One header on each line, as a JSON object.
    static func headersText(_ message: DeadMessage) -> String {
        let lines = (message.properties?.headers ?? [:]).filter { isEditable($0.key, $0.value) }.map { name, value in
            "  \(text(.string(name))): \(text(value))"
        }
        return lines.isEmpty ? "{}" : "{\n\(lines.joined(separator: ",\n"))\n}"
    }

    private static func isEditable(_ name: String, _ value: CeleryValue) -> Bool {
        !name.hasPrefix("x-") && !["argsrepr", "kwargsrepr"].contains(name) && isPlain(value)
    }

    /// Whether JSON has a form for it that is read back as the same.
    private static func isPlain(_ value: CeleryValue) -> Bool {
        switch value {
        case .null, .bool, .int, .double, .string: true
        case .array(let items): items.allSatisfy(isPlain)
        case .map(let map): map.values.allSatisfy(isPlain)
        default: false
        }
    }

    private static func text(_ value: CeleryValue) -> String {
        String(decoding: JSONWriter.bytes(value), as: UTF8.self)
    }
}
