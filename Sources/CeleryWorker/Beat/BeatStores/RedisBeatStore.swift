import CeleryProtocol
import Connections

/// Remembers in Redis: three hashes under the prefix.
///
/// `leader` holds `<fence> <token>` of the lease that may write; `last` by entry the microseconds since 1970 of its
/// last run and its fingerprint; `pending` by entry those of a run that may not have been sent. Each script compares the
/// leader and writes in one step.
struct RedisBeatStore: BeatStore {
    let client: RedisClient
    private let leaderKey: String
    private let lastKey: String
    private let pendingKey: String

    init(client: RedisClient, prefix: String) {
        self.client = client
        leaderKey = prefix + "leader"
        lastKey = prefix + "last"
        pendingKey = prefix + "pending"
    }

    private static let beginScript = RedisScript(
        """
        local leader = redis.call('GET', KEYS[1])
        if leader and tonumber(string.match(leader, '^%d+')) > tonumber(ARGV[1]) then return -1 end
        redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2])
        return 1
        """
    )

    private static let claimScript = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
        local last = redis.call('HGET', KEYS[2], ARGV[2])
        if last and tonumber(string.match(last, '^-?%d+')) >= tonumber(ARGV[3]) then return 0 end
        redis.call('HSET', KEYS[2], ARGV[2], ARGV[3] .. ' ' .. ARGV[4])
        redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
        return 1
        """
    )

    private static let resetScript = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
        redis.call('HSET', KEYS[2], ARGV[2], ARGV[3] .. ' ' .. ARGV[4])
        return 1
        """
    )

    private static let forgetScript = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
        redis.call('HDEL', KEYS[2], ARGV[2])
        redis.call('HDEL', KEYS[3], ARGV[2])
        return 1
        """
    )

    private static let confirmScript = RedisScript(
        """
        if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
        return redis.call('HDEL', KEYS[1], ARGV[1])
        """
    )

    func begin(_ lease: BeatLease) async throws -> BeatMemory {
        let reply = try await client.evaluate(
            Self.beginScript,
            keys: [leaderKey],
            arguments: [lease.fence, lease.token]
        )
        guard reply.integer == 1 else { throw BeatError.fenced }
        return try await memory()
    }

    func claim(_ entry: String, at time: Timestamp, fingerprint: String, lease: BeatLease) async throws -> Bool {
        try await write(Self.claimScript, entry, Self.text(time), fingerprint, lease) == 1
    }

    func reset(_ entry: String, to time: Timestamp, fingerprint: String, lease: BeatLease) async throws {
        _ = try await write(Self.resetScript, entry, Self.text(time), fingerprint, lease)
    }

    func forget(_ entry: String, lease: BeatLease) async throws {
        _ = try await write(Self.forgetScript, entry, "", "", lease)
    }

    /// Needs no lease: the message is in the broker, whoever sent it.
    func confirm(_ entry: String, at time: Timestamp) async throws {
        _ = try await client.evaluate(
            Self.confirmScript,
            keys: [pendingKey],
            arguments: [entry, Self.text(time)]
        )
    }

    func memory() async throws -> BeatMemory {
        let replies = try await client.pipeline([
            RedisCommand("HGETALL", key: lastKey), RedisCommand("HGETALL", key: pendingKey),
        ])
        if let error = replies.lazy.compactMap(\.firstError).first { throw error }
        var memory = BeatMemory()
        for (entry, text) in Self.pairs(replies[0]) {
            let parts = text.split(separator: " ", maxSplits: 1)
            guard let time = parts.first.flatMap({ Self.time(String($0)) }) else { continue }
            memory.last[entry] = BeatMemory.Run(time: time, fingerprint: parts.count > 1 ? String(parts[1]) : "")
        }
        for (entry, text) in Self.pairs(replies[1]) { memory.pending[entry] = Self.time(text) }
        return memory
    }

    private func write(
        _ script: RedisScript,
        _ entry: String,
        _ time: String,
        _ fingerprint: String,
        _ lease: BeatLease
    ) async throws -> Int {
        let reply = try await client.evaluate(
            script,
            keys: [leaderKey, lastKey, pendingKey],
            arguments: ["\(lease.fence) \(lease.token)", entry, time, fingerprint]
        )
        guard let number = reply.integer, number >= 0 else { throw BeatError.fenced }
        return number
    }

    private static func text(_ time: Timestamp) -> String { "\(time.microsecondsSince1970)" }

    private static func time(_ text: String) -> Timestamp? {
        Int64(text).map { Timestamp(microsecondsSince1970: $0) }
    }

    private static func pairs(_ reply: RedisValue) -> [(String, String)] {
        let texts = reply.array?.map { $0.text ?? "" } ?? []
        return stride(from: 0, to: texts.count - 1, by: 2).map { (texts[$0], texts[$0 + 1]) }
    }
}
