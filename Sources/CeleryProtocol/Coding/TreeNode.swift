import OrderedCollections

/// A value in the making: encoders may fill it in any order. Used by one encoding, on one thread.
final class TreeNode {
    private enum Content {
        /// Nothing yet.
        case empty
        case value(CeleryValue)
        case array([TreeNode])
        case map(OrderedDictionary<String, TreeNode>)
    }

    private var content = Content.empty

    init() {}

    init(_ value: CeleryValue) { content = .value(value) }

    /// The finished value. What encoded nothing is an empty object.
    var value: CeleryValue {
        switch content {
        case .empty: .map([:])
        case .value(let value): value
        case .array(let nodes): .array(nodes.map(\.value))
        case .map(let nodes): .map(nodes.mapValues(\.value))
        }
    }

    /// Takes over what another node holds.
    func become(_ other: TreeNode) { content = other.content }

    func becomeArray() {
        if case .array = content { return }
        content = .array([])
    }

    func becomeMap() {
        if case .map = content { return }
        content = .map([:])
    }

    var count: Int {
        guard case .array(let nodes) = content else { return 0 }
        return nodes.count
    }

    func append(_ node: TreeNode) {
        guard case .array(var nodes) = content else { return }
        content = .empty
        nodes.append(node)
        content = .array(nodes)
    }

    func set(_ key: String, _ node: TreeNode) {
        guard case .map(var nodes) = content else { return }
        content = .empty
        nodes[key] = node
        content = .map(nodes)
    }
}
