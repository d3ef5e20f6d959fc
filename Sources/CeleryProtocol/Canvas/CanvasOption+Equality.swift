import OrderedCollections

/// Python's `==` of signatures, which decides whether a callback is linked a second time.
extension CanvasOption {
    func isEqual(_ other: CanvasOption) -> Bool {
        switch (self, other) {
        case (.node(let a), .node(let b)): a.isEqual(b)
        case (.node(let node), .value(let value)), (.value(let value), .node(let node)):
            !node.hasTupleArgs && node.celeryValue.isEqual(value)
        case (.list(let a), .list(let b)): a.elementsEqual(b) { $0.isEqual($1) }
        default: celeryValue.isEqual(other.celeryValue)
        }
    }
}

extension CanvasNode {
    func isEqual(_ other: CanvasNode) -> Bool {
        if self === other { return true }
        guard task == other.task, hasTupleArgs == other.hasTupleArgs, isImmutable == other.isImmutable,
            subtaskType == other.subtaskType, args.elementsEqual(other.args, by: { $0.isEqual($1) }),
            options.count == other.options.count, members.count == other.members.count
        else { return false }
        for (name, value) in options {
            guard let counterpart = other.options[name], value.isEqual(counterpart) else { return false }
        }
        guard zip(members, other.members).allSatisfy({ $0.isEqual($1) }) else { return false }
        switch (contents.body, other.contents.body) {
        case (let a?, let b?) where !a.isEqual(b): return false
        case (nil, _?), (_?, nil): return false
        default: return CeleryValue.map(contents.kwargs).isEqual(.map(other.contents.kwargs))
        }
    }
}

extension CeleryValue {
    /// Whether the values are the same; the order of a map's keys does not count.
    func isEqual(_ other: CeleryValue) -> Bool {
        switch (self, other) {
        case (.map(let a), .map(let b)):
            a.count == b.count && a.allSatisfy { key, value in b[key].map { value.isEqual($0) } ?? false }
        case (.array(let a), .array(let b)): a.elementsEqual(b) { $0.isEqual($1) }
        default: self == other
        }
    }
}
