/// A decoder that has a placeholder for whatever it is asked.
struct PlaceholderDecoder: Decoder {
    let depth: Int

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Keyed<Key>(depth: depth))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        ValueUnkeyedContainer(elements: [], path: .root)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(depth: depth) }

    private struct Single: SingleValueDecodingContainer {
        let depth: Int

        var codingPath: [any CodingKey] { [] }
        func decodeNil() -> Bool { true }
        func decode<T: Decodable>(_ type: T.Type) throws -> T { try Placeholder.make(type, depth: depth) }
    }

    private struct Keyed<Key: CodingKey>: LenientKeyedDecoding {
        let depth: Int

        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { [] }
        func contains(_ key: Key) -> Bool { false }
        func decodeNil(forKey key: Key) throws -> Bool { true }
        func required<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T { try Placeholder.make(type, depth: depth) }
        func optional<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T? { nil }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type,
            forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> {
            KeyedDecodingContainer(PlaceholderDecoder.Keyed<Nested>(depth: depth))
        }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            ValueUnkeyedContainer(elements: [], path: .root)
        }

        func superDecoder() throws -> any Decoder { PlaceholderDecoder(depth: depth) }
        func superDecoder(forKey key: Key) throws -> any Decoder { PlaceholderDecoder(depth: depth) }
    }
}
