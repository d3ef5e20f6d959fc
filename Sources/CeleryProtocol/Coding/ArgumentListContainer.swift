/// The positional arguments of a task, one after the other. It notes how many were read.
struct ArgumentListContainer: UnkeyedDecodingContainer {
    private let binding: ArgumentBinding
    private var elements: ValueUnkeyedContainer

    init(_ binding: ArgumentBinding) {
        self.binding = binding
        elements = ValueUnkeyedContainer(elements: binding.args, path: .root)
        note()
    }

    var codingPath: [any CodingKey] { [] }
    var count: Int? { elements.count }
    var isAtEnd: Bool { elements.isAtEnd }
    var currentIndex: Int { elements.currentIndex }

    mutating func decodeNil() throws -> Bool {
        defer { note() }
        return try elements.decodeNil()
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        defer { note() }
        return try elements.decode(type)
    }

    mutating func decode(_ type: Int128.Type) throws -> Int128 {
        defer { note() }
        return try elements.decode(type)
    }

    mutating func decode(_ type: UInt128.Type) throws -> UInt128 {
        defer { note() }
        return try elements.decode(type)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        defer { note() }
        return try elements.nestedContainer(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        defer { note() }
        return try elements.nestedUnkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder {
        defer { note() }
        return try elements.superDecoder()
    }

    private func note() { binding.elementsRead = max(binding.elementsRead ?? 0, elements.currentIndex) }
}
