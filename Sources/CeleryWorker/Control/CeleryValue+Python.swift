import CeleryProtocol
import OrderedCollections

extension CeleryValue {
    /// For a part that this worker does not have.
    static func unavailable(_ command: String) -> CeleryValue { error("\(command) is not available in this worker") }

    /// What Python's `if value:` asks.
    var isTrue: Bool {
        switch self {
        case .null: false
        case .bool(let flag): flag
        case .int(let number): number != 0
        case .double(let number): number != 0
        case .string(let text): !text.isEmpty
        case .array(let elements): !elements.isEmpty
        case .map(let map): !map.isEmpty
        default: true
        }
    }

    /// One value or a list of them, as Celery's `maybe_list` takes both.
    var asList: [CeleryValue] {
        switch self {
        case .null: []
        case .array(let elements): elements
        default: [self]
        }
    }
}

/// Python's sets as their `repr` prints them. Python's order is arbitrary; here it is the given one.
enum PythonSet {
    static func repr(_ elements: [CeleryValue]) -> String {
        elements.isEmpty ? "set()" : "{" + elements.map(PythonRepr.full).joined(separator: ", ") + "}"
    }
}

extension Array where Element: Hashable {
    /// Each element once, in the order of their first.
    var unique: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
