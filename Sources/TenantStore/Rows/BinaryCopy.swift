import Foundation

/// Data of `COPY … (FORMAT binary)` (PostgreSQL manual, COPY, "Binary Format"): no value needs quoting, so that none can
/// be taken for anything else.
struct BinaryCopy: Sendable {
    private static let header: [UInt8] =
        [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
    private(set) var bytes = Self.header

    mutating func beginRow(columns: Int) { append(Int16(columns)) }

    mutating func add(_ number: Int64) {
        append(Int32(8))
        append(number)
    }

    mutating func add(_ number: Int32) {
        append(Int32(4))
        append(number)
    }

    mutating func add(_ id: UUID) {
        append(Int32(16))
        let u = id.uuid
        bytes.append(contentsOf: [
            u.0, u.1, u.2, u.3, u.4, u.5, u.6, u.7, u.8, u.9, u.10, u.11, u.12, u.13, u.14, u.15,
        ])
    }

    mutating func add(_ text: String) { add(utf8: text.utf8) }

    mutating func add(utf8 text: some Collection<UInt8>) {
        append(Int32(text.count))
        bytes.append(contentsOf: text)
    }

    /// The binary form of `jsonb` is its version, 1, and JSON text.
    mutating func add(json text: some Collection<UInt8>) {
        append(Int32(text.count + 1))
        bytes.append(1)
        bytes.append(contentsOf: text)
    }

    mutating func addNull() { append(Int32(-1)) }

    mutating func end() { append(Int16(-1)) }

    /// What was added since the last call.
    mutating func take() -> [UInt8] {
        let taken = bytes
        bytes.removeAll()
        bytes.reserveCapacity(taken.count)
        return taken
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        var shift = number.bitWidth
        while shift > 0 {
            shift -= 8
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
