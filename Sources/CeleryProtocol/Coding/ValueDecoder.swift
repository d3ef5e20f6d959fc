/// Decodes from a ``CeleryValue`` in memory. This is the general path, which knows every value.
struct ValueDecoder: Decoder {
    let value: CeleryValue
    let path: CodingPath

    var codingPath: [any CodingKey] { path.keys }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// A value of any type.
    static func decode<T: Decodable>(_ type: T.Type, _ value: CeleryValue, _ path: CodingPath) throws -> T {
        if let basic = try Unboxing.basic(type, value, path) { return basic }
        return try T(from: ValueDecoder(value: value, path: path))
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .map(let map) = value else { throw Unboxing.mismatch("dict", value, path) }
        return KeyedDecodingContainer(ValueKeyedContainer(map: map, path: path))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw Unboxing.mismatch("list", value, path) }
        return ValueUnkeyedContainer(elements: elements, path: path)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        ValueSingleContainer(value: value, path: path)
    }
}
