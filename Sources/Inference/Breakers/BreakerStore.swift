import Connections
import Foundation

/// Where the workers keep one breaker together: a hash in Redis with its state and a mark of who wrote it last.
struct BreakerStore: Sendable {
    /// The state as it was read, and by which mark it is known.
    struct Stored: Sendable {
        var breaker = CircuitBreaker()
        /// Empty: there is none yet.
        var mark = ""
        /// Redis's clock when it was read, in milliseconds since 1970.
        var now: Int64
    }

    let redis: RedisClient
    let key: String
    /// Told the key whenever the phase changes.
    let channel: String
    /// An unused state is forgotten after this time.
    let lifetime: Duration

    /// Writes only over what the writer has read. The clock of all workers is Redis's.
    private static let exchange = RedisScript(
        """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local mark = redis.call('HGET', KEYS[1], 'mark') or ''
        if ARGV[1] == 'read' or mark ~= ARGV[2] then
            return {0, mark, redis.call('HGET', KEYS[1], 'state') or '', now}
        end
        redis.call('HSET', KEYS[1], 'mark', ARGV[3], 'state', ARGV[4])
        redis.call('PEXPIRE', KEYS[1], ARGV[5])
        if ARGV[6] ~= '' then redis.call('PUBLISH', ARGV[6], KEYS[1]) end
        return {1, ARGV[3], ARGV[4], now}
        """
    )

    func read() async throws -> Stored {
        try await run(["read"]).stored
    }

    /// Writes a state over the one that was read, unless another worker was faster.
    ///
    /// - Returns: Whether it was written, and what is there now.
    func write(
        _ breaker: CircuitBreaker,
        over stored: Stored,
        announce: Bool
    ) async throws -> (written: Bool, stored: Stored) {
        let state = Array(try JSONEncoder().encode(breaker))
        let mark = String(UInt64.random(in: 1 ... .max), radix: 36)
        return try await run([
            "write", stored.mark, mark, state, Int(lifetime.milliseconds), announce ? channel : "",
        ])
    }

    private func run(_ arguments: [any RedisArgument]) async throws -> (written: Bool, stored: Stored) {
        let reply = try await redis.evaluate(
            Self.exchange,
            keys: [key],
            arguments: arguments,
            timeout: .seconds(1)
        )
        guard let parts = reply.array, parts.count == 4, let now = parts[3].integer else {
            throw RedisError.protocolError(endpoint: "\(redis.url)", reason: "not a breaker's state")
        }
        var stored = Stored(mark: parts[1].text ?? "", now: Int64(now))
        if let bytes = parts[2].bytes, !bytes.isEmpty {
            // A state that another version wrote otherwise counts as none.
            stored.breaker = (try? JSONDecoder().decode(CircuitBreaker.self, from: Data(bytes))) ?? CircuitBreaker()
        }
        return (parts[0].integer == 1, stored)
    }
}
