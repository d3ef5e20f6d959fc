import OrderedCollections

extension TaskMessage {
    /// The headers of a protocol 1 or hybrid message in protocol 2's terms (`celery/worker/strategy.py`
    /// `proto1_to_proto2`, `hybrid_to_proto2`).
    ///
    /// Protocol 1's are its body; a hybrid's are taken from the body and overlaid with those of the message.
    static func legacyHeaders(
        _ body: CeleryMap,
        _ messageHeaders: CeleryMap,
        isHybrid: Bool
    ) -> CeleryMap {
        guard isHybrid else {
            var headers = body
            if let group = body["taskset"] { headers["group"] = group }
            for key in ["args", "kwargs", "callbacks", "errbacks", "chord"] {
                headers.removeValue(forKey: key)
            }
            headers["argsrepr"] = .string(reprOfArgs(body["args"]))
            headers["kwargsrepr"] = .string(reprOfKeywords(body["kwargs"]))
            headers["headers"] = .map(messageHeaders)
            return headers
        }
        var headers = CeleryMap()
        for key in hybridKeys {
            headers[key] = body[key] ?? .null
        }
        return headers.merging(messageHeaders) { $1 }
    }

    private static let hybridKeys = [
        "lang", "task", "id", "root_id", "parent_id", "group", "meth", "shadow", "eta", "expires", "retries",
        "timelimit", "argsrepr", "kwargsrepr", "origin",
    ]

    /// Arguments and links of protocol 1's body.
    static func legacyBody(_ body: CeleryMap) throws(MessageError) -> TaskBody {
        let args: [CeleryValue]
        switch body["args"] {
        case nil: args = []
        case .array(let list): args = list
        default: throw invalid("Task positional arguments must be a list", body)
        }
        let kwargs: CeleryMap
        switch body["kwargs"] {
        case nil: kwargs = [:]
        case .map(let map): kwargs = map
        default: throw invalid("Task keyword arguments must be a mapping", body)
        }
        var embed = CeleryMap()
        for key in ["callbacks", "errbacks", "chord"] {
            if let value = body[key], value != .null { embed[key] = value }
        }
        return .values(args: args, kwargs: kwargs, embed: embed.isEmpty ? nil : embed)
    }

    private static func invalid(_ reason: String, _ body: CeleryMap) -> MessageError {
        let headers = TaskHeaders(body)
        var error = MessageError(.invalid, reason)
        error.id = headers.id
        error.task = headers.task
        error.rootID = headers.rootID
        error.parentID = headers.parentID
        error.group = headers.group
        return error
    }

    private static func reprOfArgs(_ value: CeleryValue?) -> String {
        switch value {
        case .array(let args): PythonRepr.repr(.array(args))
        case nil: "()"
        case .some(let other): PythonRepr.repr(other)
        }
    }

    private static func reprOfKeywords(_ value: CeleryValue?) -> String {
        PythonRepr.repr(value ?? .map([:]))
    }
}
