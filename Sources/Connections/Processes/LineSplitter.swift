/// Cuts a stream into lines, without their ends.
package struct LineSplitter {
    private let maxBytes: Int
    private var rest: [UInt8] = []

    /// A line of more than `maxBytes` is cut into several.
    package init(maxBytes: Int) { self.maxBytes = max(1, maxBytes) }

    /// The lines that are complete with these bytes.
    package mutating func append(_ bytes: some Collection<UInt8>) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var input = Array(bytes)[...]
        while !input.isEmpty {
            let end = input.firstIndex(of: UInt8(ascii: "\n")) ?? input.endIndex
            let piece = input[..<min(end, input.startIndex + maxBytes - rest.count)]
            rest += piece
            input = input[piece.endIndex...]
            if rest.count >= maxBytes {
                lines.append(rest)
                rest = []
            } else if input.first == UInt8(ascii: "\n") {
                if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
                lines.append(rest)
                rest = []
                input.removeFirst()
            }
        }
        return lines
    }

    /// What is left at the end, if it is not empty.
    package mutating func end() -> [UInt8]? {
        defer { rest = [] }
        return rest.isEmpty ? nil : rest
    }
}
