import CeleryProtocol
import CeleryWorker
import Foundation
import OrderedCollections

/// A task to be sent, as the body of apply, async-apply and send-task has it (`flower/api/tasks.py`): `args`, `kwargs`, and
/// options of Celery's `apply_async`.
struct TaskPosting: Sendable {
    var args: [CeleryValue] = []
    var kwargs: CeleryMap = [:]
    var options = SendOptions()
    /// Seconds that apply waits for the result; nil: as long as it takes, `maxWait` at most.
    var timeout: Double?

    static let maxWait = 3600.0
    /// What Flower passes on and has no meaning here.
    private static let ignored: Set<String> = [
        "retry", "retry_policy", "exchange_type", "delivery_mode", "compression",
    ]

    init(_ body: [UInt8]) throws(APIError) {
        guard !body.isEmpty else { return }
        let value: CeleryValue
        do {
            value = try JSONParser.parse(body)
        } catch {
            throw .badRequest("\(error)")
        }
        guard case .map(var fields) = value else { throw .badRequest("invalid options") }
        if let args = fields.removeValue(forKey: "args"), !args.isNull {
            guard case .array(let list) = args else { throw .badRequest("args must be an array") }
            self.args = list
        }
        if let kwargs = fields.removeValue(forKey: "kwargs"), !kwargs.isNull {
            guard case .map(let map) = kwargs else { throw .badRequest("kwargs must be an object") }
            self.kwargs = map
        }
        for (name, value) in fields where !value.isNull { try set(name, value) }
    }

    private mutating func set(_ name: String, _ value: CeleryValue) throws(APIError) {
        switch name {
        case "timeout":
            guard let seconds = Self.number(value) else { throw .badRequest("Invalid timeout") }
            timeout = seconds
        case "countdown": options.countdown = .seconds(try Self.seconds(name, value))
        case "eta": options.eta = try Self.moment(name, value)
        case "expires":
            if let seconds = Self.number(value) {
                options.expires = .seconds(min(max(seconds, 0), Self.century))
            } else {
                let left = try Self.moment(name, value).secondsSince1970 - Date().timeIntervalSince1970
                options.expires = .seconds(max(left, 0))
            }
        case "queue", "routing_key":
            let queue = try Self.text(name, value)
            if name == "queue" || options.queue == nil { options.queue = queue }
        case "task_id": options.id = try Self.text(name, value)
        case "priority":
            guard let number = value.intValue, let priority = UInt8(exactly: number) else { throw Self.invalid(name) }
            options.priority = priority
        case "soft_time_limit": options.softTimeLimit = .seconds(try Self.seconds(name, value))
        case "time_limit": options.hardTimeLimit = .seconds(try Self.seconds(name, value))
        case "ignore_result":
            guard let flag = value.boolValue else { throw Self.invalid(name) }
            options.ignoreResult = flag
        case "headers":
            guard let headers = value.mapValue else { throw Self.invalid(name) }
            options.headers = headers
        case "shadow": options.shadow = try Self.text(name, value)
        case "serializer":
            guard value.stringValue == "json" else { throw .badRequest("Invalid option: serializer must be json") }
        default:
            guard Self.ignored.contains(name) else {
                throw .badRequest("Invalid option: \(name.prefix(60)) can't be sent through the monitor")
            }
        }
    }

    private static let century = 3_153_600_000.0

    private static func invalid(_ name: String) -> APIError { .badRequest("Invalid option: \(name)") }

    private static func text(_ name: String, _ value: CeleryValue) throws(APIError) -> String {
        guard let text = value.stringValue, (1...255).contains(text.utf8.count) else { throw invalid(name) }
        return text
    }

    private static func number(_ value: CeleryValue) -> Double? {
        guard let number = value.doubleValue ?? value.stringValue.flatMap(Double.init), number.isFinite else {
            return nil
        }
        return number
    }

    private static func seconds(_ name: String, _ value: CeleryValue) throws(APIError) -> Double {
        guard let number = number(value) else { throw invalid(name) }
        return min(max(number, 0), century)
    }

    private static func moment(_ name: String, _ value: CeleryValue) throws(APIError) -> Timestamp {
        guard let text = value.stringValue else { throw invalid(name) }
        if let seconds = FlowerTime.precise(text) {
            return Timestamp(microsecondsSince1970: Int64((seconds * 1_000_000).rounded()))
        }
        guard let moment = Timestamp(iso: text) else { throw invalid(name) }
        return moment
    }

    /// Publishes; returns when the broker has confirmed.
    func send(_ task: String, _ monitor: Monitor) async throws -> AsyncResult<CeleryValue> {
        do {
            return try await monitor.celery.send(task, args: args, kwargs: kwargs, options)
        } catch {
            throw APIError.unavailable("sending \(task): \(error)")
        }
    }
}

extension APIDescription {
    static func sending(_ summary: String, details: String? = nil, isKnown: Bool) -> APIDescription {
        var refusals = [400: "the body can't be read", 503: "the broker did not take it"]
        if isKnown { refusals[404] = "no worker knows the task" }
        return APIDescription(
            tag: "Tasks",
            summary: summary,
            details: details,
            path: ["name": "The task's name"],
            body: Body(schema: postingSchema),
            schema: [
                "type": "object", "required": ["task-id"],
                "properties": ["task-id": ["type": "string"], "state": ["type": "string"], "result": [:]],
            ],
            refusals: refusals
        )
    }

    private static let postingSchema: CeleryValue = [
        "type": "object",
        "properties": [
            "args": ["type": "array"], "kwargs": ["type": "object"], "queue": ["type": "string"],
            "countdown": ["type": "number", "description": "Seconds"],
            "eta": ["type": "string", "description": "YYYY-MM-DD HH:MM:SS.ffffff in UTC, or ISO 8601"],
            "expires": ["type": ["number", "string"], "description": "Seconds, or a time"],
            "priority": ["type": "integer", "minimum": 0, "maximum": 255], "task_id": ["type": "string"],
            "soft_time_limit": ["type": "number"], "time_limit": ["type": "number"],
            "ignore_result": ["type": "boolean"], "headers": ["type": "object"], "shadow": ["type": "string"],
            "timeout": ["type": "number", "description": "Seconds that apply waits for the result"],
        ],
    ]
}
