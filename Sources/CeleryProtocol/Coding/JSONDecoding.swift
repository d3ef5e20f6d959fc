/// Decodes the value whose checked JSON text is exactly `range`.
struct JSONDecoding: Decoder {
    let source: JSONSource
    let range: Range<Int>

    /// Not kept on the fast path: every error is found again, with its path, on the general one.
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(try JSONKeyedContainer(source, range))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try JSONUnkeyedContainer(source, range)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        JSONSingleContainer(source: source, range: range)
    }
}
