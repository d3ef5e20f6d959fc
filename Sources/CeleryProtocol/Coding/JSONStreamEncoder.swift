/// The encoder of one value, whose text begins at `start` and whose container, if it opens one, is that of `level`.
struct JSONStreamEncoder: Encoder {
    let stream: JSONStream
    let start: Int
    let level: Int

    /// Not kept on the fast path: every error is found again, with its path, on the general one.
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        stream.open(isArray: false, start: start, level: level)
        return KeyedEncodingContainer(JSONStreamKeyed(stream: stream, start: start, level: level))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        stream.open(isArray: true, start: start, level: level)
        return JSONStreamUnkeyed(stream: stream, start: start, level: level)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        JSONStreamSingle(stream: stream, start: start, level: level)
    }
}

extension TreeEncoder {
    /// An encoder whose result is thrown away, because the stream has missed.
    static func unused(_ stream: JSONStream) -> TreeEncoder {
        _ = stream.miss()
        return TreeEncoder(node: TreeNode(), path: .root, depth: 0)
    }
}
