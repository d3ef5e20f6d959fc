/// The elements of a list, one after the other.
struct ValueUnkeyedContainer: UnkeyedDecodingContainer {
    let elements: [CeleryValue]
    let path: CodingPath
    private(set) var currentIndex = 0

    init(elements: [CeleryValue], path: CodingPath) {
        self.elements = elements
        self.path = path
    }

    var codingPath: [any CodingKey] { path.keys }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func decodeNil() throws -> Bool {
        guard try current().isNull else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next(type) }
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try next(type) }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try next(type) }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        let container = try decoder().container(keyedBy: type)
        currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try decoder().unkeyedContainer()
        currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try decoder()
        currentIndex += 1
        return decoder
    }

    private mutating func next<T: Decodable>(_ type: T.Type) throws -> T {
        let value = try ValueDecoder.decode(type, try current(), .index(path, currentIndex))
        currentIndex += 1
        return value
    }

    private func decoder() throws -> ValueDecoder {
        ValueDecoder(value: try current(), path: .index(path, currentIndex))
    }

    private func current() throws -> CeleryValue {
        guard currentIndex < elements.count else {
            let text = "the list has only \(elements.count) elements"
            throw DecodingError.valueNotFound(Any.self, .init(codingPath: codingPath, debugDescription: text))
        }
        return elements[currentIndex]
    }
}
