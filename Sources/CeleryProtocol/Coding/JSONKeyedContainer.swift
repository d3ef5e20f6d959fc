/// The entries of a JSON object.
struct JSONKeyedContainer<Key: CodingKey>: LenientKeyedDecoding {
    private let source: JSONSource
    private let members: JSONMembers

    init(_ source: JSONSource, _ range: Range<Int>) throws {
        self.source = source
        members = try JSONMembers(source, range)
    }

    var codingPath: [any CodingKey] { [] }

    /// Each key once, at the place where it stood first, as in a Python dict.
    var allKeys: [Key] {
        var names: [String] = []
        for member in members.members {
            let name = String(decoding: source.bytes[member.key], as: UTF8.self)
            if !names.contains(name) { names.append(name) }
        }
        return names.compactMap(Key.init(stringValue:))
    }

    func contains(_ key: Key) -> Bool { range(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { source.isNull(try present(key)) }

    func required<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T { try source.decode(type, try present(key)) }

    func optional<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T? {
        guard let range = range(key), !source.isNull(range) else { return nil }
        return try source.decode(type, range)
    }

    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try source.int(try present(key)) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try source.string(try present(key)) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try source.double(try present(key)) }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try source.bool(try present(key)) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        KeyedDecodingContainer(try JSONKeyedContainer<Nested>(source, try present(key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try JSONUnkeyedContainer(source, try present(key))
    }

    func superDecoder() throws -> any Decoder { throw source.miss() }

    func superDecoder(forKey key: Key) throws -> any Decoder { throw source.miss() }

    @inline(__always)
    private func range(_ key: Key) -> Range<Int>? { members.value(key.stringValue, in: source.bytes) }

    @inline(__always)
    private func present(_ key: Key) throws -> Range<Int> {
        guard let range = range(key) else { throw source.miss() }
        return range
    }
}
