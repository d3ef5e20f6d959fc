/// Takes commands that `RESPWriter` wrote apart again.
package enum RESPReader {
    /// The arguments of each command; stops at the first byte that is not of a whole command.
    package static func commands(in bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
        var commands: [[ArraySlice<UInt8>]] = []
        var position = 0
        while let command = command(in: bytes, at: &position) { commands.append(command) }
        return commands
    }

    private static func command(in bytes: [UInt8], at position: inout Int) -> [ArraySlice<UInt8>]? {
        guard let count = number(after: UInt8(ascii: "*"), in: bytes, at: &position), count > 0 else { return nil }
        var arguments: [ArraySlice<UInt8>] = []
        for _ in 0..<count {
            guard let length = number(after: UInt8(ascii: "$"), in: bytes, at: &position),
                length <= bytes.count - position - 2
            else { return nil }
            arguments.append(bytes[position..<(position + length)])
            position += length + 2
        }
        return arguments
    }

    private static func number(after mark: UInt8, in bytes: [UInt8], at position: inout Int) -> Int? {
        guard position < bytes.count, bytes[position] == mark else { return nil }
        guard let end = bytes[position...].firstIndex(of: 13), end + 1 < bytes.count else { return nil }
        guard let number = Int(String(decoding: bytes[(position + 1)..<end], as: UTF8.self)), number >= 0 else {
            return nil
        }
        position = end + 2
        return number
    }
}
