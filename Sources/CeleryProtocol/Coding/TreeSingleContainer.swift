/// The whole of a value.
struct TreeSingleContainer: SingleValueEncodingContainer {
    let node: TreeNode
    let path: CodingPath
    let depth: Int

    var codingPath: [any CodingKey] { path.keys }

    func encodeNil() throws { node.become(TreeNode(.null)) }
    func encode<T: Encodable>(_ value: T) throws { node.become(try TreeEncoder.encode(value, path, depth: depth)) }
    func encode(_ value: Int128) throws { node.become(TreeNode(Boxing.integer(value))) }
    func encode(_ value: UInt128) throws { node.become(TreeNode(Boxing.integer(value))) }
}
