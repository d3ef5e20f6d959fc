/// The whole of a JSON value.
struct JSONSingleContainer: SingleValueDecodingContainer {
    let source: JSONSource
    let range: Range<Int>

    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { source.isNull(range) }

    func decode<T: Decodable>(_ type: T.Type) throws -> T { try source.decode(type, range) }
    func decode(_ type: Int128.Type) throws -> Int128 { try source.decode(type, range) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try source.decode(type, range) }
}
