import OrderedCollections

/// The parameters of a task by name.
struct ArgumentContainer<Key: CodingKey>: LenientKeyedDecoding {
    let binding: ArgumentBinding

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { binding.kwargs.keys.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { binding.argument(key.stringValue, isOptional: true) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try value(key).isNull }

    func required<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T {
        do {
            return try ValueDecoder.decode(type, try value(key), .key(.root, key.stringValue))
        } catch  where binding.isProbe {
            return try Placeholder.make(type)
        }
    }

    func optional<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T? {
        guard let value = binding.argument(key.stringValue, isOptional: true), !value.isNull else { return nil }
        do {
            return try ValueDecoder.decode(type, value, .key(.root, key.stringValue))
        } catch  where binding.isProbe {
            return nil
        }
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

    /// A subclass shares its parameters with its superclass.
    func superDecoder() throws -> any Decoder { ArgumentDecoding(binding: binding) }

    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }

    private func decoder(_ key: Key) throws -> ValueDecoder {
        ValueDecoder(value: try value(key), path: .key(.root, key.stringValue))
    }

    private func value(_ key: Key) throws -> CeleryValue {
        guard let value = binding.argument(key.stringValue, isOptional: false) else {
            throw DecodingError.keyNotFound(key, .init(codingPath: [], debugDescription: "the argument is missing"))
        }
        return value
    }
}
