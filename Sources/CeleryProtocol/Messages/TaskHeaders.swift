import OrderedCollections

/// The headers of a task message that are read at once, in protocol 2's terms (`celery/app/amqp.py` `as_task_v2`).
///
/// Reading is lenient: integers of any width, numbers where texts stand and bytes in place of texts are understood, and
/// what is null or of no use counts as missing. An ETA or expiry that is no date is remembered in `problem`.
struct TaskHeaders {
    var task: String?
    var id: String?
    var rootID: String?
    var parentID: String?
    var shadow: String?
    var group: String?
    var groupIndex: Int?
    var retries = 0
    var eta: Timestamp?
    var expires: Timestamp?
    var hardTimeLimit: Double?
    var softTimeLimit: Double?
    var ignoreResult: Bool?
    var isAgain = false
    var compression: String?
    /// Celery's words about an ETA or expiry that is no date.
    var problem: String?

    init() {}

    /// Reads a map of headers, as protocol 1's body is one.
    init(_ map: CeleryMap) {
        task = Self.text(map["task"])
        id = Self.text(map["id"])
        rootID = Self.text(map["root_id"])
        parentID = Self.text(map["parent_id"])
        shadow = Self.text(map["shadow"])
        group = Self.text(map["group"])
        groupIndex = Self.integer(map["group_index"])
        retries = max(0, Self.integer(map["retries"]) ?? 0)
        setTimeLimits(map["timelimit"])
        ignoreResult = Self.flag(map["ignore_result"])
        isAgain = Self.flag(map[TaskMessage.againHeader]) ?? false
        compression = Self.text(map["compression"])
        eta = time(map["eta"] ?? .null, "ETA")
        expires = time(map["expires"] ?? .null, "expires")
    }

    static func text(_ value: CeleryValue?) -> String? {
        switch value {
        case .string(let text) where !text.isEmpty: text
        case .bytes(let bytes) where !bytes.isEmpty: String(decoding: bytes, as: UTF8.self)
        case .int(let number): String(number)
        case .bigInt(let digits): digits
        case .uuid(let digits): digits
        default: nil
        }
    }

    static func integer(_ value: CeleryValue?) -> Int? {
        switch value {
        case .int(let number): number
        case .double(let number): Int(exactly: number)
        case .bool(let bool): bool ? 1 : 0
        default: nil
        }
    }

    static func flag(_ value: CeleryValue?) -> Bool? {
        switch value {
        case .bool(let bool): bool
        case .int(let number): number != 0
        default: nil
        }
    }

    static func number(_ value: CeleryValue) -> Double? {
        switch value {
        case .int(let number): Double(number)
        case .double(let number) where number.isFinite: number
        default: nil
        }
    }

    /// `[hard, soft]`; anything else sets none (`Context.update` of `celery/app/task.py`).
    mutating func setTimeLimits(_ value: CeleryValue?) {
        hardTimeLimit = nil
        softTimeLimit = nil
        guard case .array(let limits) = value, limits.count >= 2 else { return }
        hardTimeLimit = Self.number(limits[0])
        softTimeLimit = Self.number(limits[1])
    }

    /// Reads a point in time as `Request.__init__` of `celery/worker/request.py` does: null, empty and zero are none,
    /// ISO 8601 is read, anything else is a problem. A number of seconds since 1970 is understood too.
    mutating func time(_ value: CeleryValue, _ name: String) -> Timestamp? {
        switch value {
        case .null, .string(""), .bool(false), .int(0), .double(0): return nil
        case .string(let text), .datetime(let text), .date(let text):
            if let time = Timestamp(iso: text) { return time }
            complain(name, value, "not an ISO 8601 date")
        case .int, .double:
            // A smaller number can't be meant as a date: a relative one has no meaning once the message was sent.
            if let seconds = Self.number(value), (1e8...253_402_300_799).contains(seconds) {
                return Timestamp(microsecondsSince1970: Int64(seconds * 1_000_000))
            }
            complain(name, value, "neither an ISO 8601 date nor seconds since 1970")
        default: complain(name, value, "not an ISO 8601 date")
        }
        return nil
    }

    private mutating func complain(_ name: String, _ value: CeleryValue, _ why: String) {
        problem = problem ?? "invalid \(name) value \(PythonRepr.repr(value, maxLength: 100)): \(why)"
    }
}
