import OrderedCollections

/// A result as Celery writes it down: a task's or a group's id, what came before it, and a group's members
/// (`celery/result.py` `as_tuple`, `result_from_tuple`).
public struct ResultTuple: Sendable, Hashable {
    /// What came before, without what came before that: a chain may have thousands of tasks, too many to be nested.
    private struct Ancestor: Sendable, Hashable {
        var id: String
        var children: [ResultTuple]?
    }

    public let id: String
    /// The members of a group; nil for a task.
    public let children: [ResultTuple]?
    private let ancestors: ArraySlice<Ancestor>

    /// How many of those that came before are written down; Python cannot write more than some hundred.
    private static let longestTrail = 30

    public init(id: String, parent: ResultTuple? = nil, children: [ResultTuple]? = nil) {
        self.init(id, children, (parent.map { [Ancestor(id: $0.id, children: $0.children)] + $0.ancestors } ?? [])[...])
    }

    /// - Parameter trail: what came before, the nearest first.
    init(id: String, children: [ResultTuple]?, trail: [(id: String, children: [ResultTuple]?)]) {
        self.init(id, children, trail.map { Ancestor(id: $0.id, children: $0.children) }[...])
    }

    private init(_ id: String, _ children: [ResultTuple]?, _ ancestors: ArraySlice<Ancestor>) {
        self.id = id
        self.children = children
        self.ancestors = ancestors
    }

    /// Reads `[[id, parent], null | [children]]`; nil for anything else.
    public init?(celeryValue value: CeleryValue) {
        var read: [Ancestor] = []
        var next = value
        while next != .null {
            guard case .array(let pair) = next, pair.count == 2 else { return nil }
            let own = pair[0].arrayValue ?? [pair[0], .null]
            guard own.count == 2, let id = TaskHeaders.text(own[0]) else { return nil }
            var ancestor = Ancestor(id: id)
            if pair[1] != .null {
                guard let list = pair[1].arrayValue else { return nil }
                let members = list.compactMap { ResultTuple(celeryValue: $0) }
                guard members.count == list.count else { return nil }
                ancestor.children = members
            }
            read.append(ancestor)
            next = own[1]
        }
        guard let first = read.first else { return nil }
        self.init(first.id, first.children, read.dropFirst())
    }

    /// What has to end before this can begin.
    public var parent: ResultTuple? {
        ancestors.first.map { ResultTuple($0.id, $0.children, ancestors.dropFirst()) }
    }

    /// As on the wire.
    public var celeryValue: CeleryValue {
        var value = CeleryValue.null
        for ancestor in ancestors.prefix(Self.longestTrail).reversed() {
            value = Self.value(ancestor.id, parent: value, ancestor.children)
        }
        return Self.value(id, parent: value, children)
    }

    private static func value(_ id: String, parent: CeleryValue, _ children: [ResultTuple]?) -> CeleryValue {
        [[.string(id), parent], children.map { .array($0.map(\.celeryValue)) } ?? .null]
    }
}
