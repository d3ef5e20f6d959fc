public import OrderedCollections

/// An AMQP 0-9-1 field table (§4.2.5.5) as bytes, and as a map of values.
///
/// Reading knows every field type; writing uses only `S t I L d F A V`, the types that each AMQP client reads alike
/// (py-amqp `amqp/serialization.py` `_write_item`).
public enum AMQPTable {
    /// Reads the entries in `range` of `bytes` (without the table's 4-byte length).
    ///
    /// A name that comes twice keeps its first place and its last value, as in Python's dict. Texts that are not UTF-8
    /// become `.bytes`, timestamps ISO texts.
    ///
    /// - Throws: `AMQPFormatError` if the bytes are malformed or nested deeper than 32.
    public static func decode(_ bytes: [UInt8], range: Range<Int>) throws(AMQPFormatError) -> CeleryMap {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { throw .truncated("the headers") }
        var map = CeleryMap()
        try decode(bytes, range, into: &map)
        return map
    }

    /// Adds the entries in `range` to `map`; when it throws, those before the malformed one are in it.
    static func decode(_ bytes: [UInt8], _ range: Range<Int>, into map: inout CeleryMap) throws(AMQPFormatError) {
        var at = range.lowerBound
        while at < range.upperBound {
            let name = try entryName(bytes.span, &at, range.upperBound)
            let value = try AMQPFieldValue.read(bytes.span, &at, range.upperBound)
            map[text(bytes, name)] = try celeryValue(value, bytes)
        }
    }

    /// The range of an entry's name at `at`; moves `at` to the value.
    @inline(__always)
    static func entryName(_ span: Span<UInt8>, _ at: inout Int, _ end: Int) throws(AMQPFormatError) -> Range<Int> {
        guard at < end else { throw .truncated("a header's name") }
        let start = at + 1
        let nameEnd = start + Int(span[at])
        guard nameEnd <= end else { throw .truncated("a header's name") }
        at = nameEnd
        return start..<nameEnd
    }

    static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    /// The value itself, copied out of the bytes.
    ///
    /// Recursion is bounded, because `AMQPFieldValue.read` refuses what is nested deeper than its `maxDepth`.
    static func celeryValue(_ value: AMQPFieldValue, _ bytes: [UInt8]) throws(AMQPFormatError) -> CeleryValue {
        switch value {
        case .null: return .null
        case .bool(let bool): return .bool(bool)
        case .int(let number): return .int(Int(number))
        case .double(let number): return .double(number)
        case .decimal(let scale, let digits): return .decimal(decimalText(digits, scale: Int(scale)))
        case .timestamp(let seconds):
            // Year 9999, the last one that Python's datetime knows.
            guard seconds <= 253_402_300_799 else { return .bigInt(String(seconds)) }
            return .datetime(Timestamp(microsecondsSince1970: Int64(seconds) * 1_000_000).iso)
        case .text(let range):
            return String(validating: bytes[range], as: UTF8.self).map(CeleryValue.string)
                ?? .bytes([UInt8](bytes[range]))
        case .bytes(let range): return .bytes([UInt8](bytes[range]))
        case .table(let range): return .map(try decode(bytes, range: range))
        case .array(let range):
            var items: [CeleryValue] = []
            var at = range.lowerBound
            while at < range.upperBound {
                items.append(try celeryValue(AMQPFieldValue.read(bytes.span, &at, range.upperBound), bytes))
            }
            return .array(items)
        }
    }

    private static func decimalText(_ digits: Int32, scale: Int) -> String {
        var text = String(digits.magnitude)
        if scale > 0 {
            text = String(repeating: "0", count: max(0, scale + 1 - text.count)) + text
            let whole = text.dropLast(scale)
            var fraction = text.suffix(scale)
            while fraction.last == "0" { fraction.removeLast() }
            text = fraction.isEmpty ? String(whole) : "\(whole).\(fraction)"
        }
        return digits < 0 ? "-" + text : text
    }
}
