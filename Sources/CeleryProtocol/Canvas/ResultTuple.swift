import OrderedCollections

/// A result as Celery writes it down: a task's or a group's id, what came before it, and a group's members
/// (`celery/result.py` `as_tuple`, `result_from_tuple`).
public struct ResultTuple: Sendable, Hashable {
    public let id: String
    /// The members of a group; nil for a task.
    public let children: [ResultTuple]?
    private let boxedParent: [ResultTuple]

    public init(id: String, parent: ResultTuple? = nil, children: [ResultTuple]? = nil) {
        self.id = id
        self.children = children
        boxedParent = parent.map { [$0] } ?? []
    }

    /// Reads `[[id, parent], null | [children]]`; nil for anything else.
    public init?(celeryValue value: CeleryValue) {
        guard case .array(let pair) = value, pair.count == 2 else { return nil }
        var parent: ResultTuple?
        switch pair[0] {
        case .array(let own) where own.count == 2:
            guard let id = TaskHeaders.text(own[0]) else { return nil }
            if own[1] != .null {
                guard let before = ResultTuple(celeryValue: own[1]) else { return nil }
                parent = before
            }
            self.id = id
        default:
            guard let id = TaskHeaders.text(pair[0]) else { return nil }
            self.id = id
        }
        boxedParent = parent.map { [$0] } ?? []
        switch pair[1] {
        case .null: children = nil
        case .array(let list):
            let members = list.compactMap { ResultTuple(celeryValue: $0) }
            guard members.count == list.count else { return nil }
            children = members
        default: return nil
        }
    }

    /// What has to end before this can begin.
    public var parent: ResultTuple? { boxedParent.first }

    /// As on the wire.
    public var celeryValue: CeleryValue {
        let members = children.map { CeleryValue.array($0.map(\.celeryValue)) } ?? .null
        return [[.string(id), parent?.celeryValue ?? .null], members]
    }
}
