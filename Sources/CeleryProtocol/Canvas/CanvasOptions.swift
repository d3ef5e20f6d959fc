import OrderedCollections

/// The options of a signature that is being applied. Signatures among them may be shared with others, and change with
/// them, until they are written into a message.
typealias CanvasOptions = OrderedDictionary<String, CanvasOption>

enum CanvasOption {
    case value(CeleryValue)
    case node(CanvasNode)
    case list([CanvasOption])

    static var null: CanvasOption { .value(.null) }

    var isNull: Bool { if case .value(.null) = self { true } else { false } }

    /// Whether Python takes it for false: a list or map without elements, and a group without tasks.
    var isEmpty: Bool {
        switch self {
        case .value(.null), .value(.array([])): true
        case .value(.map(let map)): map.isEmpty
        case .list(let items): items.isEmpty
        case .node(let node): node.isEmptyGroup
        default: false
        }
    }

    /// The elements of a list; anything else but null stands for itself (kombu's `maybe_list`).
    var elements: [CanvasOption] {
        switch self {
        case .value(.null): []
        case .value(.array(let items)): items.map { .value($0) }
        case .list(let items): items
        default: [self]
        }
    }

    var celeryValue: CeleryValue {
        switch self {
        case .value(let value): value
        case .node(let node): node.celeryValue
        case .list(let items): .array(items.map(\.celeryValue))
        }
    }

    /// A copy with options of its own, as Python's `deepcopy` makes it of a signature: its arguments stay shared.
    var copied: CanvasOption {
        switch self {
        case .value: self
        case .node(let node): .node(node.deepCopy())
        case .list(let items): .list(items.map(\.copied))
        }
    }

    /// The signature that this is, or describes.
    func signature() throws(CanvasError) -> CanvasNode {
        switch self {
        case .node(let node): return node
        case .value(let value): return try CanvasNode(celeryValue: value)
        case .list: throw .malformed("a list stands where a signature is needed")
        }
    }
}

extension OrderedDictionary where Key == String, Value == CanvasOption {
    init(_ map: CeleryMap) {
        self.init(uniqueKeysWithValues: map.lazy.map { ($0.key, CanvasOption.value($0.value)) })
    }

    /// The text of an option; nil when it is missing, null or empty.
    func text(_ name: String) -> String? {
        guard case .value(let value) = self[name] else { return nil }
        return TaskHeaders.text(value)
    }

    var copied: CanvasOptions { mapValues(\.copied) }

    /// These with those of `others` in their place.
    func updated(_ others: CanvasOptions) -> CanvasOptions { merging(others) { $1 } }
}
