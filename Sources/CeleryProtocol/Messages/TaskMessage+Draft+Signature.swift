import OrderedCollections

extension TaskMessage.Draft {
    /// The message that applying a signature sends (`celery/app/base.py` `send_task`).
    ///
    /// Its options set the draft's fields: `root_id`, `parent_id`, `group_id`, `group_index`, `reply_to`, `chord`,
    /// `chain`, `link`, `link_error`, `priority`, `countdown`, `eta`, `expires`, `time_limit`, `soft_time_limit`,
    /// `serializer`, `retries`, `shadow`, `headers`, `ignore_result`, `replaced_task_nesting`, `stamped_headers` and
    /// the stamps they name, `origin`, `argsrepr`, `kwargsrepr`. Where it goes (`queue`, `exchange`, `routing_key`),
    /// how it is compressed, and `task_id` are the caller's.
    ///
    /// - Parameters:
    ///   - id: the task's id, as a rule the option `task_id`.
    ///   - origin: `gen<pid>@<hostname>`; the option wins.
    ///   - now: what `countdown` and a number of seconds as `expires` are counted from.
    /// - Throws: `UnknownSerializer`, or `SerializationError` for a time that is no date.
    public init(_ signature: Signature, id: String, origin: String, now: Timestamp) throws {
        self.init(id: id, task: signature.task, args: signature.args, kwargs: signature.kwargs, origin: origin)
        let options = signature.options
        func text(_ name: String) -> String? { TaskHeaders.text(options[name]) }
        self.origin = text("origin") ?? origin
        rootID = text("root_id")
        parentID = text("parent_id")
        group = text("group_id")
        groupIndex = TaskHeaders.integer(options["group_index"])
        replyTo = text("reply_to") ?? ""
        shadow = text("shadow")
        argsRepr = text("argsrepr")
        kwargsRepr = text("kwargsrepr")
        retries = max(0, TaskHeaders.integer(options["retries"]) ?? 0)
        priority = UInt8(clamping: TaskHeaders.integer(options["priority"]) ?? 0)
        ignoreResult = TaskHeaders.flag(options["ignore_result"])
        replacedTaskNesting = max(0, TaskHeaders.integer(options["replaced_task_nesting"]) ?? 0)
        hardTimeLimit = options["time_limit"].flatMap(TaskHeaders.number)
        softTimeLimit = options["soft_time_limit"].flatMap(TaskHeaders.number)
        links = .values(
            Embed(
                callbacks: Signature.list(options["link"]),
                errbacks: Signature.list(options["link_error"]),
                chain: Signature.list(options["chain"]),
                chord: options["chord"].flatMap { Signature(celeryValue: $0) }
            )
        )
        headers = options["headers"]?.mapValue ?? [:]
        setStamps(options)
        eta = try Self.time(options["eta"], "eta", now) ?? Self.later(options["countdown"], now)
        expires = try Self.time(options["expires"], "expires", now)
        if let name = text("serializer") {
            guard let type = ContentType(serializer: name) else { throw UnknownSerializer(name: name) }
            contentType = type
        }
    }

    private mutating func setStamps(_ options: CeleryMap) {
        guard case .array(let list) = options["stamped_headers"] else { return }
        let names = list.compactMap { TaskHeaders.text($0) }
        stampedHeaders = names
        for name in names {
            stamps[name] = options[name] ?? .null
        }
    }

    private static func time(_ value: CeleryValue?, _ name: String, _ now: Timestamp) throws -> Timestamp? {
        switch value {
        case nil, .null: return nil
        case .int, .double: return later(value, now)
        case .string(let text), .datetime(let text), .date(let text):
            if let time = Timestamp(iso: text) { return time }
        default: break
        }
        throw SerializationError("the option \(name) of a signature is no date: give an ISO 8601 date")
    }

    /// So many seconds after `now`; zero is none, as in Python.
    private static func later(_ value: CeleryValue?, _ now: Timestamp) -> Timestamp? {
        guard let seconds = value.flatMap(TaskHeaders.number), seconds != 0, abs(seconds) < 1e11 else { return nil }
        let delay = Int64((seconds * 1_000_000).rounded())
        return Timestamp(microsecondsSince1970: now.microsecondsSince1970 &+ delay)
    }
}
