/// Reads and writes AMQP's big-endian numbers (AMQP 0-9-1 §4.2.5).
enum BigEndian {
    /// Reads one number at `at` and moves `at` behind it; nil, and `at` unmoved, if fewer bytes are left before `end`.
    ///
    /// `at <= end <= span.count` must hold, as it does when `end` comes from a checked range.
    @inline(__always)
    static func read<T: FixedWidthInteger & UnsignedInteger>(
        _: T.Type,
        _ span: Span<UInt8>,
        _ at: inout Int,
        _ end: Int
    ) -> T? {
        let size = T.bitWidth / 8
        guard end - at >= size else { return nil }
        var value: T = 0
        for offset in 0..<size {
            value = value << 8 | T(truncatingIfNeeded: span[at + offset])
        }
        at += size
        return value
    }

    /// Appends `value`, most significant byte first.
    @inline(__always)
    static func append<T: FixedWidthInteger>(_ value: T, to bytes: inout [UInt8]) {
        var shift = T.bitWidth
        while shift > 0 {
            shift -= 8
            bytes.append(UInt8(truncatingIfNeeded: value >> T(truncatingIfNeeded: shift)))
        }
    }

    /// Overwrites the four bytes at `position` (which exist) with `value`.
    static func patch(_ value: UInt32, at position: Int, in bytes: inout [UInt8]) {
        bytes[position] = UInt8(truncatingIfNeeded: value >> 24)
        bytes[position + 1] = UInt8(truncatingIfNeeded: value >> 16)
        bytes[position + 2] = UInt8(truncatingIfNeeded: value >> 8)
        bytes[position + 3] = UInt8(truncatingIfNeeded: value)
    }
}
