/// The entries of a map.
struct TreeKeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: TreeNode
    let path: CodingPath
    let depth: Int

    var codingPath: [any CodingKey] { path.keys }

    func encodeNil(forKey key: Key) throws { node.set(key.stringValue, TreeNode(.null)) }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        node.set(key.stringValue, try TreeEncoder.encode(value, .key(path, key.stringValue), depth: depth))
    }

    func encode(_ value: Int128, forKey key: Key) throws { node.set(key.stringValue, TreeNode(Boxing.integer(value))) }
    func encode(_ value: UInt128, forKey key: Key) throws { node.set(key.stringValue, TreeNode(Boxing.integer(value))) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoder(key.stringValue).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder(key.stringValue).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder("super") }
    func superEncoder(forKey key: Key) -> any Encoder { encoder(key.stringValue) }

    private func encoder(_ key: String) -> TreeEncoder {
        let child = TreeNode()
        node.set(key, child)
        return TreeEncoder(node: child, path: .key(path, key), depth: depth)
    }
}
