/// What happens to a task, as monitors are told; the fields are those of Celery's worker (`celery/worker/request.py`,
/// `celery/worker/strategy.py`, `celery/app/amqp.py` for `sent`).
public enum TaskEvent: Sendable, Hashable {
    /// What a task is; told once, when it is sent or received.
    public struct Description: Sendable, Hashable {
        public var name: String
        /// As Python prints them.
        public var args: String
        public var kwargs: String
        public var rootID: String?
        public var parentID: String?
        public var retries: Int
        /// ISO 8601.
        public var eta: String?
        public var expires: String?

        public init(name: String, args: String, kwargs: String, rootID: String?, parentID: String?, retries: Int) {
            self.name = name
            self.args = args
            self.kwargs = kwargs
            self.rootID = rootID
            self.parentID = parentID
            self.retries = retries
        }

        /// What a sender tells of a task.
        public init(_ draft: TaskMessage.Draft) {
            self.init(
                name: draft.task,
                args: draft.printedArgs,
                kwargs: draft.printedKeywords,
                rootID: draft.rootID ?? draft.id,
                parentID: draft.parentID,
                retries: draft.retries
            )
            eta = draft.eta?.iso
            expires = draft.expires?.iso
        }
    }

    case sent(Description, queue: String?, exchange: String, routingKey: String)
    case received(Description)
    case started
    /// The result as Python prints it; how long the task ran, in seconds.
    case succeeded(result: String, runtime: Double?)
    /// The exception as Python prints it. Of a task that nobody knows there is no traceback, and no such field.
    case failed(exception: String, traceback: String?)
    case retried(exception: String, traceback: String)
    /// The signal's number or name where one ended the task.
    case revoked(terminated: Bool, signum: CeleryValue, expired: Bool)
    case rejected(requeue: Bool)
    case cancelled

    public var type: String {
        switch self {
        case .sent: "task-sent"
        case .received: "task-received"
        case .started: "task-started"
        case .succeeded: "task-succeeded"
        case .failed: "task-failed"
        case .retried: "task-retried"
        case .revoked: "task-revoked"
        case .rejected: "task-rejected"
        case .cancelled: "task-cancelled"
        }
    }

    /// Appends the fields behind `uuid`, each with the comma before it.
    func writeFields(into bytes: inout [UInt8]) {
        var fields = EventFields(bytes: bytes)
        bytes = []
        defer { bytes = fields.bytes }
        switch self {
        case .started, .cancelled: break
        case .sent(let task, let queue, let exchange, let routingKey):
            fields.add("root_id", task.rootID)
            fields.add("parent_id", task.parentID)
            fields.add("name", task.name)
            fields.add("args", task.args)
            fields.add("kwargs", task.kwargs)
            fields.addTimes(task)
            fields.add("queue", queue)
            fields.add("exchange", exchange)
            fields.add("routing_key", routingKey)
        case .received(let task):
            fields.add("name", task.name)
            fields.add("args", task.args)
            fields.add("kwargs", task.kwargs)
            fields.add("root_id", task.rootID)
            fields.add("parent_id", task.parentID)
            fields.addTimes(task)
        case .succeeded(let result, let runtime):
            fields.add("result", result)
            fields.add("runtime", runtime)
        case .failed(let exception, let traceback):
            fields.add("exception", exception)
            if let traceback { fields.add("traceback", traceback) }
        case .retried(let exception, let traceback):
            fields.add("exception", exception)
            fields.add("traceback", traceback)
        case .revoked(let terminated, let signum, let expired):
            fields.add("terminated", terminated)
            fields.add("signum", signum)
            fields.add("expired", expired)
        case .rejected(let requeue): fields.add("requeue", requeue)
        }
    }
}

/// Appends `, "key": value`.
private struct EventFields {
    var bytes: [UInt8]

    mutating func add(_ key: String, _ text: String?) {
        begin(key)
        if let text { JSONWriter.append(text, to: &bytes) } else { null() }
    }

    mutating func add(_ key: String, _ number: Double?) {
        begin(key)
        if let number { JSONWriter.append(number, to: &bytes) } else { null() }
    }

    mutating func add(_ key: String, _ flag: Bool) {
        begin(key)
        JSONWriter.append(flag, to: &bytes)
    }

    mutating func add(_ key: String, _ value: CeleryValue) {
        begin(key)
        JSONWriter.write(value, into: &bytes)
    }

    mutating func addTimes(_ task: TaskEvent.Description) {
        begin("retries")
        JSONWriter.append(task.retries, to: &bytes)
        add("eta", task.eta)
        add("expires", task.expires)
    }

    private mutating func null() { bytes.append(contentsOf: "null".utf8) }

    private mutating func begin(_ key: String) {
        bytes.append(contentsOf: ", \"".utf8)
        bytes.append(contentsOf: key.utf8)
        bytes.append(contentsOf: "\": ".utf8)
    }
}
