/// The elements of an array.
struct JSONStreamUnkeyed: UnkeyedEncodingContainer {
    let stream: JSONStream
    let start: Int
    let level: Int

    var codingPath: [any CodingKey] { [] }
    var count: Int { stream.count(start: start, level: level) }

    func encodeNil() throws {
        try stream.beginElement(start: start, level: level)
        stream.appendNull()
    }

    func encode<T: Encodable>(_ value: T) throws {
        try stream.beginElement(start: start, level: level)
        try stream.encode(value, level: level + 1)
    }

    func encode(_ value: Int128) throws { throw stream.miss() }
    func encode(_ value: UInt128) throws { throw stream.miss() }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        nested().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }

    func superEncoder() -> any Encoder { TreeEncoder.unused(stream) }

    private func nested() -> JSONStreamEncoder {
        try? stream.beginElement(start: start, level: level)
        return JSONStreamEncoder(stream: stream, start: stream.bytes.count, level: level + 1)
    }
}
