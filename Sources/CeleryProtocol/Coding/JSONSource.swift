/// JSON text that was checked and can now be decoded without building values.
///
/// Whatever the fast path does not do exactly as the general path would, or cannot do at all, is a miss: `missed` is
/// set and an error thrown, and the whole is decoded again by the general path. So a type that catches the error of
/// one attempt to try another is right too. Used by one decoding, on one thread.
class JSONSource {
    /// The fast path gives up. Never seen outside.
    struct Miss: Error {}

    let bytes: [UInt8]
    let limits: DecodingLimits
    private(set) var missed = false

    init(_ bytes: [UInt8], limits: DecodingLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// Gives up. The caller throws the result where it can.
    @discardableResult
    final func miss() -> Miss {
        missed = true
        return Miss()
    }

    @inline(__always)
    final func scanner(_ range: Range<Int>) -> JSONScanner {
        JSONScanner(bytes, range: range, maxDepth: limits.maxDepth)
    }

    /// The value whose text is exactly `range`.
    @inline(__always)
    final func decode<T: Decodable>(_ type: T.Type, _ range: Range<Int>) throws -> T {
        if T.self == Int.self { return try cast(try int(range), to: type) }
        if T.self == String.self { return try cast(try string(range), to: type) }
        if T.self == Double.self { return try cast(try double(range), to: type) }
        if T.self == Bool.self { return try cast(try bool(range), to: type) }
        return try decodeOther(type, range)
    }

    private final func decodeOther<T: Decodable>(_ type: T.Type, _ range: Range<Int>) throws -> T {
        if T.self == [Int].self { return try cast(try elements(range, int), to: type) }
        if T.self == [String].self { return try cast(try elements(range, string), to: type) }
        if T.self == [Double].self { return try cast(try elements(range, double), to: type) }
        if T.self == Float.self { return try cast(Float(try double(range)), to: type) }
        if let integer = try sized(type, range) { return integer }
        if Unboxing.needsValue(type) { return try general(type, range) }
        return try T(from: JSONDecoding(source: self, range: range))
    }

    private final func sized<T>(_ type: T.Type, _ range: Range<Int>) throws -> T? {
        if T.self == Int64.self { return try exactly(Int64.self, range) as? T }
        if T.self == Int32.self { return try exactly(Int32.self, range) as? T }
        if T.self == Int16.self { return try exactly(Int16.self, range) as? T }
        if T.self == Int8.self { return try exactly(Int8.self, range) as? T }
        if T.self == UInt.self { return try exactly(UInt.self, range) as? T }
        if T.self == UInt64.self { return try exactly(UInt64.self, range) as? T }
        if T.self == UInt32.self { return try exactly(UInt32.self, range) as? T }
        if T.self == UInt16.self { return try exactly(UInt16.self, range) as? T }
        if T.self == UInt8.self { return try exactly(UInt8.self, range) as? T }
        return nil
    }

    /// A part that the general path decodes; no other part depends on it.
    private final func general<T: Decodable>(_ type: T.Type, _ range: Range<Int>) throws -> T {
        do {
            return try ValueDecoder.decode(type, try JSONParser.parse(bytes, range: range, limits: limits), .root)
        } catch {
            throw miss()
        }
    }

    @inline(__always)
    private final func cast<A, T>(_ value: A, to type: T.Type) throws -> T {
        guard let value = value as? T else { throw miss() }
        return value
    }

    private final func exactly<I: FixedWidthInteger>(_ type: I.Type, _ range: Range<Int>) throws -> I {
        guard let value = I(exactly: try int(range)) else { throw miss() }
        return value
    }

    final func int(_ range: Range<Int>) throws -> Int {
        var scanner = scanner(range)
        if let value = scanner.plainInt(), scanner.atEnd { return value }
        guard case .int(let value) = try number(&scanner) else { throw miss() }
        return value
    }

    final func double(_ range: Range<Int>) throws -> Double {
        var scanner = scanner(range)
        switch try number(&scanner) {
        case .double(let value): return value
        case .int(let value): return Double(value)
        case .bigInt: throw miss()
        }
    }

    /// A number that the text is nothing but.
    @inline(__always)
    private final func number(_ scanner: inout JSONScanner) throws -> JSONNumber {
        guard scanner.byte != ASCII.quote, let number = try? scanner.number(), scanner.atEnd else { throw miss() }
        return number
    }

    final func string(_ range: Range<Int>) throws -> String {
        var scanner = scanner(range)
        guard scanner.byte == ASCII.quote, let text = try? scanner.string() else { throw miss() }
        return text
    }

    final func bool(_ range: Range<Int>) throws -> Bool {
        switch scanner(range).byte {
        case ASCII.lowerT: return true
        case ASCII.lowerF: return false
        default: throw miss()
        }
    }

    final func isNull(_ range: Range<Int>) -> Bool { scanner(range).byte == ASCII.lowerN }

    private final func elements<E>(_ range: Range<Int>, _ element: (Range<Int>) throws -> E) throws -> [E] {
        var scanner = scanner(range)
        guard scanner.byte == ASCII.openBracket else { throw miss() }
        scanner.position += 1
        var result: [E] = []
        guard scanner.first(before: ASCII.closeBracket) else { return result }
        result.reserveCapacity(4)
        repeat {
            let start = scanner.position
            try scanner.skipValue(depth: 0)
            result.append(try element(start..<scanner.position))
        } while try scanner.another(before: ASCII.closeBracket)
        return result
    }
}
