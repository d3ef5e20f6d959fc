import OrderedCollections

/// Reads JSON as Python's Celery does: `json.loads` with kombu's hook for `__type__` envelopes (`kombu/utils/json.py`).
///
/// Integers of any size, the tokens `NaN`, `Infinity` and `-Infinity`, and repeated keys (the last one wins) are read
/// as Python reads them. Invalid UTF-8, an unknown `__type__` and too deep a structure are errors.
public struct JSONParser {
    private var scanner: JSONScanner

    /// Reads the one value in `range`, or in all of `bytes`.
    public static func parse(
        _ bytes: [UInt8],
        range: Range<Int>? = nil,
        limits: DecodingLimits = .init()
    ) throws(JSONError) -> CeleryValue {
        let range = range ?? 0..<bytes.count
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else {
            throw JSONError("the range \(range) is not in the \(bytes.count) bytes", offset: 0)
        }
        guard range.count <= limits.maxBodyBytes else {
            throw JSONError("\(range.count) bytes are more than the limit of \(limits.maxBodyBytes)", offset: 0)
        }
        var parser = JSONParser(scanner: JSONScanner(bytes, range: range, maxDepth: limits.maxDepth))
        parser.scanner.skipSpace()
        let value = try parser.value(depth: 0)
        try parser.scanner.expectEnd()
        return value
    }

    private mutating func value(depth: Int) throws(JSONError) -> CeleryValue {
        switch scanner.byte {
        case ASCII.quote:
            return .string(try scanner.string())
        case ASCII.openBracket:
            return try array(depth: depth &+ 1)
        case ASCII.openBrace:
            return try object(depth: depth &+ 1)
        case ASCII.lowerN:
            try scanner.word("null")
            return .null
        case ASCII.lowerT:
            try scanner.word("true")
            return .bool(true)
        case ASCII.lowerF:
            try scanner.word("false")
            return .bool(false)
        default:
            if let value = scanner.plainInt() { return .int(value) }
            switch try scanner.number() {
            case .int(let value): return .int(value)
            case .bigInt(let digits): return .bigInt(digits)
            case .double(let value): return .double(value)
            }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> CeleryValue {
        try scanner.check(depth: depth)
        scanner.position &+= 1
        var elements: [CeleryValue] = []
        guard scanner.first(before: ASCII.closeBracket) else { return .array(elements) }
        elements.reserveCapacity(4)
        repeat { elements.append(try value(depth: depth)) } while try scanner.another(before: ASCII.closeBracket)
        return .array(elements)
    }

    private mutating func object(depth: Int) throws(JSONError) -> CeleryValue {
        try scanner.check(depth: depth)
        let start = scanner.position
        scanner.position &+= 1
        var map = CeleryMap()
        guard scanner.first(before: ASCII.closeBrace) else { return .map(map) }
        repeat {
            guard scanner.byte == ASCII.quote else {
                throw scanner.error("expected a property name in double quotes")
            }
            let key = try scanner.string()
            scanner.skipSpace()
            try scanner.expect(ASCII.colon, "':'")
            scanner.skipSpace()
            map[key] = try value(depth: depth)
        } while try scanner.another(before: ASCII.closeBrace)
        guard map.count == 2, let type = map["__type__"], let content = map["__value__"] else { return .map(map) }
        do {
            return try JSONEnvelope.open(type: type, value: content)
        } catch {
            throw JSONError(error.reason, offset: start)
        }
    }
}
