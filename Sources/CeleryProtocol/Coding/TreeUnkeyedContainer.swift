/// The elements of a list.
struct TreeUnkeyedContainer: UnkeyedEncodingContainer {
    let node: TreeNode
    let path: CodingPath
    let depth: Int

    var codingPath: [any CodingKey] { path.keys }
    var count: Int { node.count }

    func encodeNil() throws { node.append(TreeNode(.null)) }

    func encode<T: Encodable>(_ value: T) throws {
        node.append(try TreeEncoder.encode(value, .index(path, count), depth: depth))
    }

    func encode(_ value: Int128) throws { node.append(TreeNode(Boxing.integer(value))) }
    func encode(_ value: UInt128) throws { node.append(TreeNode(Boxing.integer(value))) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }

    func superEncoder() -> any Encoder { encoder() }

    private func encoder() -> TreeEncoder {
        let child = TreeNode()
        let place = CodingPath.index(path, count)
        node.append(child)
        return TreeEncoder(node: child, path: place, depth: depth)
    }
}
