/// One value of an AMQP field table, classified but not copied: texts, arrays and tables are ranges of the bytes.
///
/// The letters are read as py-amqp 5.7 reads them (`amqp/serialization.py` `_read_item`): `L` and `l` are both signed,
/// `s` is RabbitMQ's 16-bit integer, `U`/`u` are 16-bit. Every integer width becomes `.int`.
enum AMQPFieldValue {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    /// A decimal: how many digits stand behind the point, and the digits.
    case decimal(scale: UInt8, digits: Int32)
    /// Seconds since 1970.
    case timestamp(UInt64)
    /// `S`: text, or any bytes if it is not UTF-8.
    case text(Range<Int>)
    /// `x`: a byte array.
    case bytes(Range<Int>)
    /// The items' bytes, checked to be well formed.
    case array(Range<Int>)
    /// The entries' bytes, checked to be well formed.
    case table(Range<Int>)

    /// How deep tables and arrays may stand inside each other.
    static let maxDepth = 32

    /// Reads the letter and the value at `at`, and moves `at` behind them.
    @inline(__always)
    static func read(
        _ span: Span<UInt8>,
        _ at: inout Int,
        _ end: Int,
        depth: Int = 0
    ) throws(AMQPFormatError) -> AMQPFieldValue {
        guard at < end else { throw .truncated("a header's type") }
        let letter = span[at]
        at += 1
        if letter == UInt8(ascii: "S") {
            return .text(try block(span, &at, end))
        }
        if letter == UInt8(ascii: "V") {
            return .null
        }
        return try readOther(letter, span, &at, end, depth)
    }

    @inline(__always)
    private static func block(_ span: Span<UInt8>, _ at: inout Int, _ end: Int) throws(AMQPFormatError) -> Range<Int> {
        guard let size = BigEndian.read(UInt32.self, span, &at, end), Int(size) <= end - at else {
            throw .truncated("a header's value")
        }
        let start = at
        at += Int(size)
        return start..<at
    }

    @inline(__always)
    private static func number<T: FixedWidthInteger & UnsignedInteger>(
        _ type: T.Type,
        _ span: Span<UInt8>,
        _ at: inout Int,
        _ end: Int
    ) throws(AMQPFormatError) -> T {
        guard let value = BigEndian.read(type, span, &at, end) else { throw .truncated("a header's number") }
        return value
    }

    private static func readOther(
        _ letter: UInt8,
        _ span: Span<UInt8>,
        _ at: inout Int,
        _ end: Int,
        _ depth: Int
    ) throws(AMQPFormatError) -> AMQPFieldValue {
        switch letter {
        case UInt8(ascii: "I"): return .int(Int64(Int32(bitPattern: try number(UInt32.self, span, &at, end))))
        case UInt8(ascii: "t"): return .bool(try number(UInt8.self, span, &at, end) != 0)
        case UInt8(ascii: "L"), UInt8(ascii: "l"):
            return .int(Int64(bitPattern: try number(UInt64.self, span, &at, end)))
        case UInt8(ascii: "i"): return .int(Int64(try number(UInt32.self, span, &at, end)))
        case UInt8(ascii: "s"), UInt8(ascii: "U"):
            return .int(Int64(Int16(bitPattern: try number(UInt16.self, span, &at, end))))
        case UInt8(ascii: "u"): return .int(Int64(try number(UInt16.self, span, &at, end)))
        case UInt8(ascii: "b"): return .int(Int64(Int8(bitPattern: try number(UInt8.self, span, &at, end))))
        case UInt8(ascii: "B"): return .int(Int64(try number(UInt8.self, span, &at, end)))
        case UInt8(ascii: "d"): return .double(Double(bitPattern: try number(UInt64.self, span, &at, end)))
        case UInt8(ascii: "f"): return .double(Double(Float(bitPattern: try number(UInt32.self, span, &at, end))))
        case UInt8(ascii: "T"): return .timestamp(try number(UInt64.self, span, &at, end))
        case UInt8(ascii: "x"): return .bytes(try block(span, &at, end))
        case UInt8(ascii: "D"):
            let scale = try number(UInt8.self, span, &at, end)
            return .decimal(scale: scale, digits: Int32(bitPattern: try number(UInt32.self, span, &at, end)))
        case UInt8(ascii: "A"), UInt8(ascii: "F"):
            let range = try block(span, &at, end)
            try check(span, range, isTable: letter == UInt8(ascii: "F"), depth: depth + 1)
            return letter == UInt8(ascii: "F") ? .table(range) : .array(range)
        default:
            throw AMQPFormatError("AMQP headers hold a value of unknown type \(letter)")
        }
    }

    /// Walks the items of a table or an array so that reading them later can't fail; the depth is bounded.
    private static func check(
        _ span: Span<UInt8>,
        _ range: Range<Int>,
        isTable: Bool,
        depth: Int
    ) throws(AMQPFormatError) {
        guard depth <= maxDepth else { throw AMQPFormatError("AMQP headers are nested deeper than \(maxDepth)") }
        var at = range.lowerBound
        while at < range.upperBound {
            if isTable {
                at += 1 + Int(span[at])
                guard at <= range.upperBound else { throw .truncated("a header's name") }
            }
            _ = try read(span, &at, range.upperBound, depth: depth)
        }
    }
}
