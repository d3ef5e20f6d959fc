import CeleryProtocol

/// What goes over the socket between a worker and its child, one frame each.
///
/// A frame begins with the byte that names it; numbers are big end first, texts and bytes have their length before
/// them.
enum PoolFrame {
    /// From the worker to the child.
    enum Order: UInt8 {
        /// A job: its number, whether it was redelivered, queue, exchange, routing key, properties, body.
        case run = 1
        /// Its number, and whether the worker ends.
        case cancel = 2
        /// A signal to die of.
        case die = 3
    }

    /// From the child to the worker.
    enum Report: UInt8 {
        /// The child has registered its tasks and takes jobs.
        case ready = 1
        /// A job has ended; see `PoolAnswer`.
        case answer = 2
    }
}

/// Writes one frame.
struct PoolFrameWriter {
    private(set) var bytes: [UInt8]

    init(_ kind: UInt8, capacity: Int = 64) {
        bytes = []
        bytes.reserveCapacity(capacity)
        bytes.append(kind)
    }

    mutating func add(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    mutating func add(_ number: UInt8) { bytes.append(number) }

    mutating func add(_ number: UInt32) { append(number) }

    mutating func add(_ number: Int64) { append(number) }

    mutating func add(_ content: some Collection<UInt8>) {
        append(UInt32(truncatingIfNeeded: content.count))
        bytes.append(contentsOf: content)
    }

    mutating func add(_ text: String) { add(text.utf8) }

    private mutating func append(_ number: some FixedWidthInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}

/// Reads one frame; nil when it is shorter than it should be.
struct PoolFrameReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func byte() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func flag() -> Bool? { byte().map { $0 != 0 } }

    mutating func uint32() -> UInt32? { number() }

    mutating func int64() -> Int64? { number() }

    /// Where the next content stands in the frame.
    mutating func range() -> Range<Int>? {
        guard let length = uint32(), Int(length) <= bytes.count - position else { return nil }
        defer { position += Int(length) }
        return position..<position + Int(length)
    }

    mutating func content() -> [UInt8]? { range().map { Array(bytes[$0]) } }

    mutating func text() -> String? { range().map { String(decoding: bytes[$0], as: UTF8.self) } }

    private mutating func number<Number: FixedWidthInteger>() -> Number? {
        let size = Number.bitWidth / 8
        guard bytes.count - position >= size else { return nil }
        defer { position += size }
        return bytes[position..<position + size].reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }
}
