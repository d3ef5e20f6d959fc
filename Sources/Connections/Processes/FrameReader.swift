/// Cuts a stream into frames: four bytes of length, big end first, then so many bytes.
package struct FrameReader {
    private var buffer: [UInt8] = []
    private var start = 0

    package init() {}

    package mutating func append(_ bytes: some Collection<UInt8>) {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity < 1 << 20)
            start = 0
        } else if start > 1 << 16, start > buffer.count / 2 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame; nil when more bytes must come first.
    package mutating func next() -> [UInt8]? {
        guard buffer.count - start >= 4 else { return nil }
        let length = buffer[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        guard buffer.count - start - 4 >= length else { return nil }
        let frame = Array(buffer[start + 4..<start + 4 + length])
        start += 4 + length
        return frame
    }

    /// The frame around a payload; nil when it is too long for the four bytes.
    package static func frame(_ payload: [UInt8]) -> [UInt8]? {
        guard let length = UInt32(exactly: payload.count) else { return nil }
        var frame: [UInt8] = []
        frame.reserveCapacity(payload.count + 4)
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            frame.append(UInt8(truncatingIfNeeded: length >> shift))
        }
        frame.append(contentsOf: payload)
        return frame
    }
}
