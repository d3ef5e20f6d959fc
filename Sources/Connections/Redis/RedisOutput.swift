/// Bytes that wait for the socket, in order. Large batches are kept as they came, small ones share a chunk.
struct RedisOutput {
    private static let chunkSize = 64 << 10

    private var chunks: [[UInt8]] = []
    private var head = 0
    private var headOffset = 0
    /// How many bytes were ever appended and sent: positions in the stream of this connection.
    private(set) var appended = 0
    private(set) var sent = 0

    var isEmpty: Bool { sent == appended }

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        appended += bytes.count
        let last = chunks.count - 1
        if last >= head, chunks[last].count + bytes.count <= Self.chunkSize {
            chunks[last].append(contentsOf: bytes)
        } else {
            chunks.append(bytes)
        }
    }

    /// Writes until the socket is full, nothing is left, or `budget` bytes are gone.
    ///
    /// - Returns: How many bytes were written.
    mutating func write(to socket: RedisSocket, budget: Int) throws(RedisSocket.Failure) -> Int {
        var written = 0
        while head < chunks.count, written < budget {
            let size = chunks[head].count
            let taken = try Self.send(chunks[head], from: headOffset, to: socket)
            guard taken > 0 else { break }
            written += taken
            sent += taken
            headOffset += taken
            if headOffset == size { dropHead() }
        }
        return written
    }

    /// Forgets everything and starts the positions anew.
    mutating func removeAll() { self = RedisOutput() }

    private static func send(
        _ chunk: [UInt8],
        from offset: Int,
        to socket: RedisSocket
    ) throws(RedisSocket.Failure) -> Int {
        try chunk.span.bytes.withUnsafeBytes { (bytes) throws(RedisSocket.Failure) -> Int in
            // Bounded, so that one call cannot copy hundreds of megabytes into a fast local socket.
            try socket.send(UnsafeRawBufferPointer(rebasing: bytes[offset..<min(bytes.count, offset + (1 << 20))]))
        }
    }

    private mutating func dropHead() {
        chunks[head] = []
        head += 1
        headOffset = 0
        if head == chunks.count {
            chunks.removeAll(keepingCapacity: head <= 64)
            head = 0
        } else if head >= 256, head * 2 >= chunks.count {
            chunks.removeFirst(head)
            head = 0
        }
    }
}
