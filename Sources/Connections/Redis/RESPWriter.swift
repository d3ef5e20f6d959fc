/// Writes Redis commands in RESP's array form into a byte buffer, without intermediate arrays.
///
/// A command is `begin(n)` followed by exactly `n` arguments. Source: redis.io, "Redis serialization protocol
/// specification".
package enum RESPWriter {
    private static let star = UInt8(ascii: "*")
    private static let dollar = UInt8(ascii: "$")
    private static let zero = UInt8(ascii: "0")
    /// A mark, the digits of the largest number, two line ends.
    private static let headRoom = 1 + 20 + 4

    /// Starts a command of `count` arguments; its name is the first of them.
    package static func begin(_ count: Int, into buffer: inout [UInt8]) {
        makeRoom(for: headRoom, in: &buffer)
        buffer.append(addingCapacity: headRoom) { output in
            output.withUnsafeMutableBufferPointer { room, used in
                used += writeHead(star, count, to: free(room, from: used))
            }
        }
    }

    /// Appends one argument.
    package static func append(_ argument: [UInt8], into buffer: inout [UInt8]) {
        argument.withUnsafeBytes { append($0, UnsafeRawBufferPointer(start: nil, count: 0), into: &buffer) }
    }

    /// Appends one argument.
    package static func append(_ argument: ArraySlice<UInt8>, into buffer: inout [UInt8]) {
        argument.withUnsafeBytes { append($0, UnsafeRawBufferPointer(start: nil, count: 0), into: &buffer) }
    }

    /// Appends one argument.
    package static func append(_ argument: Span<UInt8>, into buffer: inout [UInt8]) {
        argument.withUnsafeBytes { append($0, UnsafeRawBufferPointer(start: nil, count: 0), into: &buffer) }
    }

    /// Appends one argument in UTF-8.
    package static func append(_ argument: String, into buffer: inout [UInt8]) {
        append(prefix: [], argument, into: &buffer)
    }

    /// Appends one argument made of two parts, such as a key from its prefix and an id.
    package static func append(prefix: [UInt8], _ rest: String, into buffer: inout [UInt8]) {
        var rest = rest
        rest.withUTF8 { text in
            prefix.withUnsafeBytes { append($0, UnsafeRawBufferPointer(text), into: &buffer) }
        }
    }

    /// Appends one argument made of two parts, such as a key from its prefix and an id.
    package static func append(prefix: [UInt8], _ rest: Span<UInt8>, into buffer: inout [UInt8]) {
        rest.withUnsafeBytes { text in
            prefix.withUnsafeBytes { append($0, text, into: &buffer) }
        }
    }

    /// Appends a number as one argument in decimal digits.
    package static func append(_ number: Int, into buffer: inout [UInt8]) {
        append(String(number), into: &buffer)
    }

    /// An argument's bytes made once, for arguments that many commands share: append them as they are.
    package static func encoded(_ argument: String) -> [UInt8] {
        var buffer: [UInt8] = []
        append(argument, into: &buffer)
        return buffer
    }

    private static func append(
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer,
        into buffer: inout [UInt8]
    ) {
        let count = first.count + second.count
        makeRoom(for: headRoom + count, in: &buffer)
        buffer.append(addingCapacity: headRoom + count) { output in
            output.withUnsafeMutableBufferPointer { room, used in
                let room = free(room, from: used)
                var end = writeHead(dollar, count, to: room)
                end = copy(first, to: room, at: end)
                end = copy(second, to: room, at: end)
                used += endLine(room, at: end)
            }
        }
    }

    /// `append(addingCapacity:)` grows an array by just what it needs, which is quadratic over many arguments.
    @inline(__always)
    private static func makeRoom(for count: Int, in buffer: inout [UInt8]) {
        guard buffer.capacity - buffer.count < count else { return }
        buffer.reserveCapacity(max(buffer.capacity * 2, buffer.count + count))
    }

    @inline(__always)
    private static func free(
        _ room: UnsafeMutableBufferPointer<UInt8>,
        from used: Int
    ) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: room[used...]))
    }

    @inline(__always)
    private static func copy(
        _ bytes: UnsafeRawBufferPointer,
        to room: UnsafeMutableRawBufferPointer,
        at offset: Int
    ) -> Int {
        UnsafeMutableRawBufferPointer(rebasing: room[offset...]).copyMemory(from: bytes)
        return offset + bytes.count
    }

    /// - Returns: Where the line ends.
    @inline(__always)
    private static func endLine(_ room: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        room[offset] = 13
        room[offset + 1] = 10
        return offset + 2
    }

    /// - Returns: Where the line ends.
    @inline(__always)
    private static func writeHead(_ mark: UInt8, _ count: Int, to room: UnsafeMutableRawBufferPointer) -> Int {
        room[0] = mark
        let number = count.magnitude
        let digits = digitCount(number)
        var rest = number
        for index in stride(from: digits, to: 0, by: -1) {
            room[index] = zero &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        return endLine(room, at: 1 + digits)
    }

    @inline(__always)
    private static func digitCount(_ number: UInt) -> Int {
        var count = 1
        var rest = number / 10
        while rest > 0 {
            count += 1
            rest /= 10
        }
        return count
    }
}
