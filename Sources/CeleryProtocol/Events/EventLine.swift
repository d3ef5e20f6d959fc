import OrderedCollections

/// Prints events as `celery events --dump` does (`celery/events/dumper.py`), one a line.
public struct EventLine: Sendable {
    /// What tasks are, by id: only their first event tells. The oldest are forgotten.
    private var tasks: OrderedDictionary<String, String> = [:]
    private static let bound = 4095

    public init() {}

    /// The line of one event; nil for what is none.
    public mutating func text(_ event: CeleryMap) -> String? {
        var fields = event
        guard let type = fields.removeValue(forKey: "type")?.stringValue?.lowercased(),
            let hostname = fields.removeValue(forKey: "hostname").map(PythonRepr.str),
            let time = fields.removeValue(forKey: "timestamp")?.doubleValue
        else { return nil }
        var task: String?
        if type.hasPrefix("task-") { task = describe(type, &fields) }
        let list = fields.sorted { $0.key < $1.key }.map { "\($0.key)=\(PythonRepr.str($0.value))" }
            .joined(separator: ", ")
        let parts = [list.isEmpty ? "" : ":", task.map { " \($0)" } ?? "", " ", list]
        return "\(hostname) [\(Self.date(time))] \(Self.humanized(type))\(parts.joined())".withoutControls
    }

    private mutating func describe(_ type: String, _ fields: inout CeleryMap) -> String {
        let id = fields.removeValue(forKey: "uuid").map(PythonRepr.str) ?? ""
        guard type == "task-received" || type == "task-sent" else { return tasks[id] ?? "" }
        func take(_ key: String) -> String { fields.removeValue(forKey: key).map(PythonRepr.str) ?? "" }
        let text = "\(take("name"))(\(id)) args=\(take("args")) kwargs=\(take("kwargs"))"
        if tasks.count >= Self.bound { tasks.removeFirst(Self.bound / 4) }
        tasks[id] = text
        return text
    }

    private static func humanized(_ type: String) -> String {
        switch type {
        case "worker-offline": "shutdown"
        case "worker-online": "started"
        case "worker-heartbeat": "heartbeat"
        default: type.replacing("-", with: " ")
        }
    }

    /// Python's `str(datetime)`.
    private static func date(_ seconds: Double) -> String {
        guard seconds.magnitude < 1e12 else { return PythonFloat.text(seconds) }
        let moment = Timestamp(microsecondsSince1970: Int64((seconds * 1e6).rounded()))
        return moment.iso.replacing("T", with: " ")
    }
}

extension String {
    /// Nobody forges lines or commands of the terminal by what is in an event; line ends become `\n`.
    fileprivate var withoutControls: String {
        guard utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            switch scalar.value {
            case 0x0A: text += "\\n"
            case ..<0x20, 0x7F...0x9F: text += "?"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
