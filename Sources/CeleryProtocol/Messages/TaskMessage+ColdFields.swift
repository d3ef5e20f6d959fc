public import OrderedCollections

/// What is seldom asked for; each access reads it from the message's bytes.
extension TaskMessage {
    /// The oid of the sender, to which `rpc://` results go.
    public var replyTo: String? {
        guard let replyToRange, !replyToRange.isEmpty else { return nil }
        return AMQPTable.text(bytes, replyToRange)
    }

    /// The arguments as the sender printed them, at most 1,024 characters; empty if it did not.
    public var argsRepr: String { text("argsrepr") ?? "" }
    /// The keyword arguments as the sender printed them; empty if it did not.
    public var kwargsRepr: String { text("kwargsrepr") ?? "" }
    /// `gen<pid>@<hostname>` of the sender; kept by retries.
    public var origin: String? { text("origin") }
    /// The sender's language.
    public var lang: String? { text("lang") }
    /// How often the task was replaced by another.
    public var replacedTaskNesting: Int { max(0, TaskHeaders.integer(header("replaced_task_nesting")) ?? 0) }

    /// The names of the stamps, nil if the message says nothing about them.
    public var stampedHeaders: [String]? {
        guard case .array(let names) = header("stamped_headers") else { return nil }
        return names.compactMap { TaskHeaders.text($0) }
    }

    /// The stamps by their names.
    public var stamps: CeleryMap {
        guard case .map(let stamps) = header("stamps") else { return [:] }
        return stamps
    }

    /// All headers, in protocol 2's terms.
    public var headers: CeleryMap {
        legacyHeaders ?? (try? AMQPTable.decode(bytes, range: headersRange)) ?? [:]
    }

    /// What the sender put beside Celery's own headers: Celery's `request.headers`; nil if there is nothing.
    public var customHeaders: CeleryMap? {
        var headers = headers
        if let own = headers["headers"], own != .null {
            guard case .map(let map) = own else { return nil }
            return map
        }
        headers.removeAll { Self.celeryHeaders.contains($0.key) }
        return headers.isEmpty ? nil : headers
    }

    /// All basic properties; empty where they can't be read, which `decode` has ruled out.
    public var properties: BasicProperties {
        (try? BasicProperties(decoding: bytes, range: propertiesRange)) ?? BasicProperties()
    }

    /// The value of one header; nil if there is none of that name.
    public func header(_ name: String) -> CeleryValue? {
        if let legacyHeaders { return legacyHeaders[name] }
        guard let value = rawHeader(name) else { return nil }
        return try? AMQPTable.celeryValue(value, bytes)
    }

    private func text(_ name: String) -> String? {
        TaskHeaders.text(header(name))
    }

    /// Looks through the table; of a name that comes twice the last counts.
    private func rawHeader(_ name: String) -> AMQPFieldValue? {
        let bytes = bytes
        let span = bytes.span
        let length = name.utf8.count
        var at = headersRange.lowerBound
        var found: AMQPFieldValue?
        while at < headersRange.upperBound {
            guard let entry = try? AMQPTable.entryName(span, &at, headersRange.upperBound),
                let value = try? AMQPFieldValue.read(span, &at, headersRange.upperBound)
            else { break }
            if entry.count == length, bytes[entry].elementsEqual(name.utf8) { found = value }
        }
        return found
    }

    /// Names that are never custom: the attributes of `Context` and those that it removes besides
    /// (`celery/app/task.py` `Context._get_custom_headers`).
    static let celeryHeaders: Set<String> = [
        "args", "callbacks", "called_directly", "chain", "chord", "correlation_id", "delivery_info", "errbacks", "eta",
        "expires", "group", "group_index", "headers", "hostname", "id", "ignore_result", "is_eager", "kwargs",
        "logfile",
        "loglevel", "origin", "parent_id", "properties", "retries", "reply_to", "replaced_task_nesting", "root_id",
        "shadow", "taskset", "timelimit", "time_limit", "soft_time_limit", "utc", "stamped_headers", "stamps",
        "clear", "get", "update", "children", "as_execution_options", "lang", "task", "argsrepr", "kwargsrepr",
        "compression", againHeader,
    ]
}
