import OrderedCollections

/// The entries of a map.
struct ValueKeyedContainer<Key: CodingKey>: LenientKeyedDecoding {
    let map: CeleryMap
    let path: CodingPath

    var codingPath: [any CodingKey] { path.keys }
    var allKeys: [Key] { map.keys.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { map[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try value(key).isNull }

    func required<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T {
        try ValueDecoder.decode(type, try value(key), .key(path, key.stringValue))
    }

    func optional<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T? {
        guard let value = map[key.stringValue], !value.isNull else { return nil }
        return try ValueDecoder.decode(type, value, .key(path, key.stringValue))
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try decoder(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        ValueDecoder(value: map["super"] ?? .null, path: .key(path, "super"))
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        ValueDecoder(value: map[key.stringValue] ?? .null, path: .key(path, key.stringValue))
    }

    private func decoder(_ key: Key) throws -> ValueDecoder {
        ValueDecoder(value: try value(key), path: .key(path, key.stringValue))
    }

    private func value(_ key: Key) throws -> CeleryValue {
        guard let value = map[key.stringValue] else {
            let text = "the key '\(key.stringValue)' is missing"
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: text))
        }
        return value
    }
}
