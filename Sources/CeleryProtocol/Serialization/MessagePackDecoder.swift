import OrderedCollections

/// Reads MessagePack as kombu does: `unpackb(raw=False)`, whose texts must be UTF-8 and whose keys must be texts.
///
/// https://github.com/msgpack/msgpack/blob/master/spec.md
public struct MessagePackDecoder {
    /// Deeper structures than this are refused even if the limits allow them, because reading recurses.
    private static let deepest = 512

    private let bytes: [UInt8]
    private let end: Int
    private let maxDepth: Int
    private var at: Int

    /// Reads the one value in `range`, or in all of `bytes`.
    ///
    /// - Throws: `SerializationError` if bytes are missing or left over, or a value is too deep or of an unknown kind.
    public static func parse(
        _ bytes: [UInt8],
        range: Range<Int>? = nil,
        limits: DecodingLimits = .init()
    ) throws(SerializationError) -> CeleryValue {
        let range = (range ?? 0..<bytes.count).clamped(to: 0..<bytes.count)
        guard range.count <= limits.maxBodyBytes else {
            throw SerializationError("invalid MessagePack: larger than \(limits.maxBodyBytes) bytes")
        }
        var decoder = MessagePackDecoder(
            bytes: bytes,
            end: range.upperBound,
            maxDepth: min(limits.maxDepth, deepest),
            at: range.lowerBound
        )
        let value = try decoder.value(depth: 0)
        guard decoder.at == decoder.end else { throw decoder.error("extra bytes after the value") }
        return value
    }

    private func error(_ reason: String) -> SerializationError {
        SerializationError("invalid MessagePack at byte \(at): \(reason)")
    }

    private mutating func number<T: FixedWidthInteger & UnsignedInteger>(
        _ type: T.Type
    ) throws(SerializationError) -> T {
        var next = at
        guard let value = BigEndian.read(type, bytes.span, &next, end) else { throw error("unexpected end") }
        at = next
        return value
    }

    private mutating func value(depth: Int) throws(SerializationError) -> CeleryValue {
        let byte = try number(UInt8.self)
        switch byte {
        case 0x00...0x7f: return .int(Int(byte))
        case 0xe0...0xff: return .int(Int(Int8(bitPattern: byte)))
        case 0xa0...0xbf: return .string(try text(Int(byte & 0x1f)))
        case 0x90...0x9f: return try array(Int(byte & 0x0f), depth: depth + 1)
        case 0x80...0x8f: return try map(Int(byte & 0x0f), depth: depth + 1)
        case 0xc0: return .null
        case 0xc2: return .bool(false)
        case 0xc3: return .bool(true)
        case 0xca: return .double(Double(Float(bitPattern: try number(UInt32.self))))
        case 0xcb: return .double(Double(bitPattern: try number(UInt64.self)))
        case 0xcc...0xd3: return try integer(byte)
        case 0xc4: return .bytes([UInt8](try block(Int(number(UInt8.self)))))
        case 0xc5: return .bytes([UInt8](try block(Int(number(UInt16.self)))))
        case 0xc6: return .bytes([UInt8](try block(Int(number(UInt32.self)))))
        case 0xd9: return .string(try text(Int(number(UInt8.self))))
        case 0xda: return .string(try text(Int(number(UInt16.self))))
        case 0xdb: return .string(try text(Int(number(UInt32.self))))
        case 0xdc: return try array(Int(number(UInt16.self)), depth: depth + 1)
        case 0xdd: return try array(Int(number(UInt32.self)), depth: depth + 1)
        case 0xde: return try map(Int(number(UInt16.self)), depth: depth + 1)
        case 0xdf: return try map(Int(number(UInt32.self)), depth: depth + 1)
        default: throw error("extension types can't be task arguments")
        }
    }

    private mutating func integer(_ byte: UInt8) throws(SerializationError) -> CeleryValue {
        switch byte {
        case 0xcc: return .int(Int(try number(UInt8.self)))
        case 0xcd: return .int(Int(try number(UInt16.self)))
        case 0xce: return .int(Int(try number(UInt32.self)))
        case 0xcf:
            let value = try number(UInt64.self)
            return Int(exactly: value).map(CeleryValue.int) ?? .bigInt(String(value))
        case 0xd0: return .int(Int(Int8(bitPattern: try number(UInt8.self))))
        case 0xd1: return .int(Int(Int16(bitPattern: try number(UInt16.self))))
        case 0xd2: return .int(Int(Int32(bitPattern: try number(UInt32.self))))
        default: return .int(Int(Int64(bitPattern: try number(UInt64.self))))
        }
    }

    private mutating func block(_ count: Int) throws(SerializationError) -> ArraySlice<UInt8> {
        guard count <= end - at else { throw error("unexpected end") }
        defer { at += count }
        return bytes[at..<at + count]
    }

    private mutating func text(_ count: Int) throws(SerializationError) -> String {
        guard let text = String(validating: try block(count), as: UTF8.self) else {
            throw error("a text is not UTF-8")
        }
        return text
    }

    /// Every item takes a byte at least, so a count beyond what is left is refused before anything is made room for.
    private func check(_ count: Int, depth: Int) throws(SerializationError) {
        guard count <= end - at else { throw error("unexpected end") }
        guard depth <= maxDepth else { throw error("nested deeper than \(maxDepth)") }
    }

    private mutating func array(_ count: Int, depth: Int) throws(SerializationError) -> CeleryValue {
        try check(count, depth: depth)
        var items: [CeleryValue] = []
        for _ in 0..<count {
            items.append(try value(depth: depth))
        }
        return .array(items)
    }

    private mutating func map(_ count: Int, depth: Int) throws(SerializationError) -> CeleryValue {
        try check(count, depth: depth)
        var map = CeleryMap()
        for _ in 0..<count {
            switch try value(depth: depth) {
            case .string(let key): map[key] = try value(depth: depth)
            case .bytes(let key):
                guard let key = String(validating: key, as: UTF8.self) else { throw error("a key is not UTF-8") }
                map[key] = try value(depth: depth)
            default: throw error("a map's key is not a text")
            }
        }
        return .map(map)
    }
}
