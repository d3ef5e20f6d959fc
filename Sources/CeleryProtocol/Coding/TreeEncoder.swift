/// Encodes into a tree of nodes. This is the general path, which allows every order of writing.
struct TreeEncoder: Encoder {
    let node: TreeNode
    let path: CodingPath
    let depth: Int

    var codingPath: [any CodingKey] { path.keys }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func encode<T: Encodable>(_ value: T, _ path: CodingPath, depth: Int) throws -> TreeNode {
        if let basic = try Boxing.basic(value, path) { return TreeNode(basic) }
        guard depth < CeleryEncoder.maxDepth else {
            let text = "more than \(CeleryEncoder.maxDepth) values inside one another"
            throw EncodingError.invalidValue(value, .init(codingPath: [], debugDescription: text))
        }
        let node = TreeNode()
        try value.encode(to: TreeEncoder(node: node, path: path, depth: depth + 1))
        return node
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        node.becomeMap()
        return KeyedEncodingContainer(TreeKeyedContainer(node: node, path: path, depth: depth))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.becomeArray()
        return TreeUnkeyedContainer(node: node, path: path, depth: depth)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        TreeSingleContainer(node: node, path: path, depth: depth)
    }
}
