public import OrderedCollections

/// A task with its arguments and options, as canvas pieces, callbacks and errbacks carry it (`celery/canvas.py`).
public struct Signature: Sendable, Hashable {
    /// The task's name; the pseudo tasks `celery.chain`, `celery.group`, `celery.chord`, … for containers.
    public var task: String
    public var args: [CeleryValue]
    public var kwargs: CeleryMap
    /// Options by Celery's names: `task_id`, `queue`, `countdown`, `link`, …
    public var options: CeleryMap
    /// nil for a plain task, else `chain`, `group`, `chord`, `xmap`, `xstarmap` or `chunks`.
    public var subtaskType: String?
    /// Whether arguments given when it is applied are ignored.
    public var isImmutable: Bool
    /// Other keys of the signature's map, which Celery keeps too (such as `chord_size`).
    public var extra: CeleryMap

    public init(
        _ task: String,
        args: [CeleryValue] = [],
        kwargs: CeleryMap = [:],
        options: CeleryMap = [:],
        subtaskType: String? = nil,
        isImmutable: Bool = false
    ) {
        self.task = task
        self.args = args
        self.kwargs = kwargs
        self.options = options
        self.subtaskType = subtaskType
        self.isImmutable = isImmutable
        extra = [:]
    }

    /// Reads a signature's map; nil if it is no map with a `task`. Missing and null keys stand for their defaults.
    public init?(celeryValue value: CeleryValue) {
        guard case .map(var map) = value, case .string(let task) = map["task"], !task.isEmpty else { return nil }
        self.init(task)
        if case .array(let args) = map["args"] { self.args = args }
        if case .map(let kwargs) = map["kwargs"] { self.kwargs = kwargs }
        if case .map(let options) = map["options"] { self.options = options }
        if case .string(let type) = map["subtask_type"], !type.isEmpty { subtaskType = type }
        isImmutable = TaskHeaders.flag(map["immutable"]) ?? false
        for key in Self.keys {
            map.removeValue(forKey: key)
        }
        extra = map
    }

    private static let keys = ["task", "args", "kwargs", "options", "subtask_type", "immutable"]

    /// As on the wire, keys in Celery's order.
    public var celeryValue: CeleryValue {
        let map: CeleryMap = [
            "task": .string(task),
            "args": .array(args),
            "kwargs": .map(kwargs),
            "options": .map(options),
            "subtask_type": subtaskType.map(CeleryValue.string) ?? .null,
            "immutable": .bool(isImmutable),
        ]
        return .map(map.merging(extra) { own, _ in own })
    }

    /// The signatures in `value`: a list of them, or a single one. What is no signature is left out.
    public static func list(_ value: CeleryValue?) -> [Signature] {
        switch value {
        case .array(let items): items.compactMap { Signature(celeryValue: $0) }
        case .map: value.flatMap { Signature(celeryValue: $0) }.map { [$0] } ?? []
        default: []
        }
    }
}
