import OrderedCollections

extension ResultMeta {
    /// Reads the stored JSON. Throws ``JSONError`` for what is not JSON, or not an object with `status`.
    public init(json bytes: [UInt8], limits: DecodingLimits = .init()) throws(JSONError) {
        let value = try JSONParser.parse(bytes, limits: limits)
        guard let meta = ResultMeta(value) else {
            throw JSONError("the stored result is not an object with a status", offset: 0)
        }
        self = meta
    }

    /// Reads a document that was decoded already; nil when it has no status.
    public init?(_ value: CeleryValue) {
        guard var map = value.mapValue, let status = map.removeValue(forKey: "status")?.stringValue else { return nil }
        self.init(
            taskID: map.removeValue(forKey: "task_id")?.stringValue ?? "",
            status: TaskState(rawValue: status),
            result: map.removeValue(forKey: "result") ?? .null,
            traceback: map.removeValue(forKey: "traceback")?.stringValue,
            children: map.removeValue(forKey: "children")?.arrayValue,
            dateDone: map.removeValue(forKey: "date_done").flatMap(Self.dateText),
            groupID: map.removeValue(forKey: "group_id")?.stringValue,
            parentID: map.removeValue(forKey: "parent_id")?.stringValue
        )
        if Self.extendedKeys.contains(where: { map[$0] != nil }) {
            extended = Extended(
                name: map.removeValue(forKey: "name")?.stringValue,
                args: map.removeValue(forKey: "args") ?? .null,
                kwargs: map.removeValue(forKey: "kwargs") ?? .null,
                worker: map.removeValue(forKey: "worker")?.stringValue,
                retries: map.removeValue(forKey: "retries")?.intValue,
                queue: map.removeValue(forKey: "queue")?.stringValue
            )
        }
        others = map
    }

    private static let extendedKeys = ["name", "args", "kwargs", "worker", "retries", "queue"]

    private static func dateText(_ value: CeleryValue) -> String? {
        switch value {
        case .string(let text), .datetime(let text): text
        default: nil
        }
    }

    /// The document in the order in which Python writes its keys.
    public var value: CeleryValue {
        var map: CeleryMap = [
            "status": .string(status.rawValue), "result": result, "traceback": Self.optional(traceback),
            "children": children.map(CeleryValue.array) ?? .null, "date_done": Self.optional(dateDone),
        ]
        if let groupID { map["group_id"] = .string(groupID) }
        if let parentID { map["parent_id"] = .string(parentID) }
        if let extended {
            map["name"] = Self.optional(extended.name)
            map["args"] = extended.args
            map["kwargs"] = extended.kwargs
            map["worker"] = Self.optional(extended.worker)
            map["retries"] = extended.retries.map(CeleryValue.int) ?? .null
            map["queue"] = Self.optional(extended.queue)
        }
        for (key, value) in others where map[key] == nil { map[key] = value }
        map["task_id"] = .string(taskID)
        return .map(map)
    }

    /// The document as Python's JSON text.
    public var json: [UInt8] { JSONWriter.bytes(value) }

    private static func optional(_ text: String?) -> CeleryValue { text.map(CeleryValue.string) ?? .null }
}
