/// The parameters of a task by name.
struct JSONArgumentContainer<Key: CodingKey>: LenientKeyedDecoding {
    let arguments: JSONArguments

    var codingPath: [any CodingKey] { [] }

    /// Only a type with keys of its own making asks for them.
    var allKeys: [Key] {
        arguments.miss()
        return []
    }

    func contains(_ key: Key) -> Bool { arguments.argument(key.stringValue) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { arguments.isNull(try present(key)) }

    func required<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T { try arguments.decode(type, try present(key)) }

    func optional<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T? {
        guard let range = arguments.argument(key.stringValue), !arguments.isNull(range) else { return nil }
        return try arguments.decode(type, range)
    }

    // The basic types once more, because a call through a protocol of ours costs more than their decoding.

    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try arguments.int(key.stringValue) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try arguments.string(try present(key)) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try arguments.double(try present(key)) }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try arguments.bool(try present(key)) }

    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        guard let range = arguments.argument(key.stringValue), !arguments.isNull(range) else { return nil }
        return try arguments.int(range)
    }

    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        guard let range = arguments.argument(key.stringValue), !arguments.isNull(range) else { return nil }
        return try arguments.string(range)
    }

    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        guard let range = arguments.argument(key.stringValue), !arguments.isNull(range) else { return nil }
        return try arguments.double(range)
    }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        guard let range = arguments.argument(key.stringValue), !arguments.isNull(range) else { return nil }
        return try arguments.bool(range)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        KeyedDecodingContainer(try JSONKeyedContainer<Nested>(arguments, try present(key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try JSONUnkeyedContainer(arguments, try present(key))
    }

    func superDecoder() throws -> any Decoder { throw arguments.miss() }

    func superDecoder(forKey key: Key) throws -> any Decoder { throw arguments.miss() }

    @inline(__always)
    private func present(_ key: Key) throws -> Range<Int> {
        guard let range = arguments.argument(key.stringValue) else { throw arguments.miss() }
        return range
    }
}
