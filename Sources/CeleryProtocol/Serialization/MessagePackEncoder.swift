import OrderedCollections

/// Writes MessagePack as kombu does: `packb(use_bin_type=True)`, in the shortest form.
///
/// What MessagePack has no type for (dates, decimals, UUIDs) goes as its text.
public enum MessagePackEncoder {
    /// Appends `value`.
    ///
    /// - Throws: `SerializationError` if an integer does not fit 64 bits, or something is larger than 4 GiB.
    public static func encode(_ value: CeleryValue, into bytes: inout [UInt8]) throws(SerializationError) {
        switch value {
        case .null: bytes.append(0xc0)
        case .bool(let bool): bytes.append(bool ? 0xc3 : 0xc2)
        case .int(let number): append(number, &bytes)
        case .bigInt(let digits):
            guard let number = UInt64(digits) else {
                throw SerializationError(
                    "the integer \(digits.prefix(40)) does not fit MessagePack's 64 bits; send it as text"
                )
            }
            bytes.append(0xcf)
            BigEndian.append(number, to: &bytes)
        case .double(let number):
            bytes.append(0xcb)
            BigEndian.append(number.bitPattern, to: &bytes)
        case .string(let text), .datetime(let text), .date(let text), .time(let text), .decimal(let text),
            .uuid(let text):
            try header(text.utf8.count, small: (0xa0, 31), [0xd9, 0xda, 0xdb], &bytes)
            bytes.append(contentsOf: text.utf8)
        case .bytes(let data):
            try header(data.count, small: nil, [0xc4, 0xc5, 0xc6], &bytes)
            bytes += data
        case .array(let items):
            try header(items.count, small: (0x90, 15), [nil, 0xdc, 0xdd], &bytes)
            for item in items {
                try encode(item, into: &bytes)
            }
        case .map(let map):
            try header(map.count, small: (0x80, 15), [nil, 0xde, 0xdf], &bytes)
            for (key, item) in map {
                try encode(.string(key), into: &bytes)
                try encode(item, into: &bytes)
            }
        }
    }

    /// Appends a type with its count: in the type's own byte, or behind one that announces 8, 16 or 32 bits.
    private static func header(
        _ count: Int,
        small: (base: UInt8, most: Int)?,
        _ sized: [UInt8?],
        _ bytes: inout [UInt8]
    ) throws(SerializationError) {
        if let small, count <= small.most {
            bytes.append(small.base | UInt8(truncatingIfNeeded: count))
        } else if let type = sized[0], let count = UInt8(exactly: count) {
            bytes += [type, count]
        } else if let type = sized[1], let count = UInt16(exactly: count) {
            bytes.append(type)
            BigEndian.append(count, to: &bytes)
        } else if let type = sized[2], let count = UInt32(exactly: count) {
            bytes.append(type)
            BigEndian.append(count, to: &bytes)
        } else {
            throw SerializationError("a value of \(count) items is larger than MessagePack's 4 GiB")
        }
    }

    private static func append(_ number: Int, _ bytes: inout [UInt8]) {
        switch number {
        case 0...127, -32 ... -1: bytes.append(UInt8(truncatingIfNeeded: number))
        case 128...0xff: bytes += [0xcc, UInt8(truncatingIfNeeded: number)]
        case 0x100...0xffff: sized(0xcd, UInt16(truncatingIfNeeded: number), &bytes)
        case 0x1_0000...0xffff_ffff: sized(0xce, UInt32(truncatingIfNeeded: number), &bytes)
        case 0x1_0000_0000...: sized(0xcf, UInt64(truncatingIfNeeded: number), &bytes)
        case -0x80 ... -33: bytes += [0xd0, UInt8(truncatingIfNeeded: number)]
        case -0x8000 ... -0x81: sized(0xd1, UInt16(truncatingIfNeeded: number), &bytes)
        case -0x8000_0000 ... -0x8001: sized(0xd2, UInt32(truncatingIfNeeded: number), &bytes)
        default: sized(0xd3, UInt64(truncatingIfNeeded: number), &bytes)
        }
    }

    private static func sized<T: FixedWidthInteger>(_ type: UInt8, _ number: T, _ bytes: inout [UInt8]) {
        bytes.append(type)
        BigEndian.append(number, to: &bytes)
    }
}
