/// The whole of a value.
struct JSONStreamSingle: SingleValueEncodingContainer {
    let stream: JSONStream
    let start: Int
    let level: Int

    var codingPath: [any CodingKey] { [] }

    func encodeNil() throws {
        try check()
        stream.appendNull()
    }

    func encode<T: Encodable>(_ value: T) throws {
        try check()
        try stream.encode(value, level: level)
    }

    func encode(_ value: Int128) throws { throw stream.miss() }
    func encode(_ value: UInt128) throws { throw stream.miss() }

    private func check() throws {
        guard stream.bytes.count == start else { throw stream.miss() }
    }
}
