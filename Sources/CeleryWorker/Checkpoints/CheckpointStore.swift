import Connections

/// Checkpoints in Redis, beside the results; compressed when that makes them smaller.
struct CheckpointStore: Sendable {
    /// Who asks: the number of the start, or the fence of the lease.
    struct Writer: Sendable, Hashable {
        var fence: Int
        /// Nil for a run without a lease.
        var leaseKey: String?

        init(fence: Int, leaseKey: String? = nil) {
            self.fence = fence
            self.leaseKey = leaseKey
        }
    }

    let client: RedisClient
    let results: RedisResultCommands
    /// How long a checkpoint is kept.
    let expires: Duration
    /// Bytes of the largest, before compression.
    let limit: Int
    /// From this size on compression is worth its while.
    private static let compressed = 1024

    private var seconds: Int { max(1, Int(expires.components.seconds)) }

    /// In the slot of the task's result.
    func key(_ id: String) -> String { "chard-checkpoint-{\(results.key(of: id))}" }

    /// - Throws: `CheckpointError`, or what Redis says.
    func write(_ bytes: [UInt8], of id: String, by writer: Writer) async throws {
        guard bytes.count <= limit else { throw CheckpointError.tooLarge(bytes.count, limit: limit) }
        var (data, format) = (bytes, "")
        if bytes.count >= Self.compressed {
            let packed = try Compression.compress(.zstd, bytes[...])
            if packed.count < bytes.count { (data, format) = (packed, Compression.Format.zstd.rawValue) }
        }
        let reply = try await client.evaluate(
            CheckpointScripts.write,
            keys: keys(id, writer),
            arguments: [writer.fence, seconds, data, format, bytes.count]
        )
        if reply.integer == -1 { throw CheckpointError.superseded }
    }

    /// The last checkpoint, or nil. From here on what earlier runs write is refused.
    ///
    /// - Throws: `CheckpointError`, or what Redis says.
    func read(of id: String, by writer: Writer) async throws -> [UInt8]? {
        let reply = try await client.evaluate(
            CheckpointScripts.read,
            keys: keys(id, writer),
            arguments: [writer.fence, seconds]
        )
        guard let fields = reply.array, fields.count == 3 else { throw CheckpointError.superseded }
        guard let data = fields[0].bytes else { return nil }
        guard let name = fields[1].text, !name.isEmpty else { return data }
        guard let format = Compression.Format(rawValue: name) else {
            throw CheckpointError.unreadable("its compression \(name) is not known here")
        }
        do {
            return try Compression.decompress(format, data[...], maxBytes: limit)
        } catch {
            throw CheckpointError.unreadable("\(error)")
        }
    }

    func drop(_ id: String) async throws {
        _ = try await client.send(RedisCommand("DEL", key: key(id)))
    }

    private func keys(_ id: String, _ writer: Writer) -> [any RedisArgument] {
        writer.leaseKey.map { [key(id), $0] } ?? [key(id)]
    }
}
