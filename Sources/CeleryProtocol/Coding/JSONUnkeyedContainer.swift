/// The elements of a JSON array, one after the other.
struct JSONUnkeyedContainer: UnkeyedDecodingContainer {
    private let source: JSONSource
    private let range: Range<Int>
    /// Stands at the next element, or past the closing bracket.
    private var scanner: JSONScanner
    private(set) var isAtEnd = false
    private(set) var currentIndex = 0

    init(_ source: JSONSource, _ range: Range<Int>) throws {
        self.source = source
        self.range = range
        scanner = source.scanner(range)
        guard scanner.byte == ASCII.openBracket else { throw source.miss() }
        scanner.position += 1
        isAtEnd = !scanner.first(before: ASCII.closeBracket)
    }

    var codingPath: [any CodingKey] { [] }

    var count: Int? {
        guard var rest = try? JSONUnkeyedContainer(source, range) else { return nil }
        while !rest.isAtEnd {
            guard (try? rest.next()) != nil else { return nil }
        }
        return rest.currentIndex
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd else { throw source.miss() }
        guard scanner.byte == ASCII.lowerN else { return false }
        _ = try next()
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try element(type) }
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try element(type) }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try element(type) }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        KeyedDecodingContainer(try JSONKeyedContainer<Nested>(source, try next()))
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try JSONUnkeyedContainer(source, try next())
    }

    mutating func superDecoder() throws -> any Decoder { JSONDecoding(source: source, range: try next()) }

    private mutating func element<T: Decodable>(_ type: T.Type) throws -> T {
        try source.decode(type, try next())
    }

    /// The range of the next element; goes past it.
    private mutating func next() throws -> Range<Int> {
        guard !isAtEnd else { throw source.miss() }
        let start = scanner.position
        do {
            try scanner.skipValue(depth: 0)
            let range = start..<scanner.position
            isAtEnd = try !scanner.another(before: ASCII.closeBracket)
            currentIndex &+= 1
            return range
        } catch {
            throw source.miss()
        }
    }
}
