/// Bytes as `hexdump -C` shows them.
enum HexDump {
    static func text(_ bytes: ArraySlice<UInt8>) -> String {
        stride(from: 0, to: bytes.count, by: 16).map { offset in
            let line = bytes.dropFirst(offset).prefix(16)
            let codes = line.map { hex($0, 2) }.joined(separator: " ")
            let text = String(line.map { (0x20...0x7E).contains($0) ? Character(Unicode.Scalar($0)) : "." })
            return "\(hex(offset, 8))  \(codes.padding(to: 47))  |\(text)|"
        }.joined(separator: "\n")
    }

    private static func hex(_ number: some BinaryInteger, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
