/// The whole of a value.
struct ValueSingleContainer: SingleValueDecodingContainer {
    let value: CeleryValue
    let path: CodingPath

    var codingPath: [any CodingKey] { path.keys }

    func decodeNil() -> Bool { value.isNull }

    func decode<T: Decodable>(_ type: T.Type) throws -> T { try ValueDecoder.decode(type, value, path) }
    func decode(_ type: Int128.Type) throws -> Int128 { try ValueDecoder.decode(type, value, path) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try ValueDecoder.decode(type, value, path) }
}
