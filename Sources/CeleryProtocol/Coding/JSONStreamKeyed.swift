/// The entries of an object.
struct JSONStreamKeyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let stream: JSONStream
    let start: Int
    let level: Int

    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) throws {
        try stream.beginEntry(key.stringValue, start: start, level: level)
        stream.appendNull()
    }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try stream.beginEntry(key.stringValue, start: start, level: level)
        try stream.encode(value, level: level + 1)
    }

    func encode(_ value: Int, forKey key: Key) throws {
        try stream.beginEntry(key.stringValue, start: start, level: level)
        stream.append(value)
    }

    func encode(_ value: String, forKey key: Key) throws {
        try stream.beginEntry(key.stringValue, start: start, level: level)
        stream.append(value)
    }

    func encode(_ value: Double, forKey key: Key) throws {
        try stream.beginEntry(key.stringValue, start: start, level: level)
        stream.append(value)
    }

    func encode(_ value: Bool, forKey key: Key) throws {
        try stream.beginEntry(key.stringValue, start: start, level: level)
        stream.append(value)
    }

    func encode(_ value: Int128, forKey key: Key) throws { throw stream.miss() }
    func encode(_ value: UInt128, forKey key: Key) throws { throw stream.miss() }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        nested(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { nested(key).unkeyedContainer() }

    /// May be used at any time, so it cannot be written in one go.
    func superEncoder() -> any Encoder { TreeEncoder.unused(stream) }
    func superEncoder(forKey key: Key) -> any Encoder { TreeEncoder.unused(stream) }

    private func nested(_ key: Key) -> JSONStreamEncoder {
        try? stream.beginEntry(key.stringValue, start: start, level: level)
        return JSONStreamEncoder(stream: stream, start: stream.bytes.count, level: level + 1)
    }
}
