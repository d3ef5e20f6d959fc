import Connections
import Foundation

/// The lock as a key in Redis that expires unless it is renewed; a counter beside it gives the fencing numbers.
struct RedisBeatLock: BeatLock {
    let client: RedisClient
    let lockKey: String
    let fenceKey: String
    let ttl: Duration
    /// Unique, then who we are, for those who look.
    private let token = "\(TaskID.make()) \(Hostname.full), pid \(ProcessInfo.processInfo.processIdentifier)"

    init(client: RedisClient, prefix: String, ttl: Duration) {
        self.client = client
        self.ttl = ttl
        lockKey = Self.lockKey(prefix)
        fenceKey = prefix + "fence"
    }

    static func lockKey(_ prefix: String) -> String { prefix + "lock" }

    /// Who holds a lock, by its token.
    static func holder(_ token: String) -> String {
        token.split(separator: " ", maxSplits: 1).dropFirst().first.map(String.init)
            ?? "a beat that does not say its name"
    }

    /// A lock of our own is taken anew: the answer to the attempt that made it may have been lost.
    private static let acquireScript = RedisScript(
        """
        local owner = redis.call('GET', KEYS[1])
        if owner and owner ~= ARGV[1] then return {0, redis.call('PTTL', KEYS[1])} end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return {1, redis.call('INCR', KEYS[2])}
        """
    )

    private static let renewScript = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('PEXPIRE', KEYS[1], ARGV[2])
        """
    )

    private static let releaseScript = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('DEL', KEYS[1])
        """
    )

    func acquire() async throws -> BeatLockAttempt {
        let start = ContinuousClock.now
        let reply = try await client.evaluate(
            Self.acquireScript,
            keys: [lockKey, fenceKey],
            arguments: [token, milliseconds],
            timeout: timeout
        )
        let numbers = reply.array?.compactMap(\.integer) ?? []
        guard numbers.count == 2 else { return .taken(retryAfter: .seconds(1)) }
        if numbers[0] == 1 { return .held(BeatLease(token: token, fence: numbers[1], validUntil: start + ttl)) }
        return .taken(retryAfter: .milliseconds(max(1, numbers[1] + 1)))
    }

    func renew(_ lease: BeatLease) async throws -> BeatLease? {
        let start = ContinuousClock.now
        let reply = try await client.evaluate(
            Self.renewScript,
            keys: [lockKey],
            arguments: [lease.token, milliseconds],
            timeout: timeout
        )
        guard reply.integer == 1 else { return nil }
        var renewed = lease
        renewed.validUntil = start + ttl
        return renewed
    }

    func release(_ lease: BeatLease) async {
        _ = try? await client.evaluate(
            Self.releaseScript,
            keys: [lockKey],
            arguments: [lease.token],
            timeout: .seconds(1)
        )
    }

    private var milliseconds: Int { Int(ttl.nanoseconds / 1_000_000) }
    /// An answer that comes later is of no use.
    private var timeout: Duration { ttl / 2 }
}
