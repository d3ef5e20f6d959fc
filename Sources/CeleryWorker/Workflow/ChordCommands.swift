import CeleryProtocol
import Connections

/// How a chord is counted in Redis: the keys and steps of Celery 5.7 (`celery/backends/redis.py`), so that its parts may
/// end on Python workers and on Chard's in any mixture.
///
/// Of a group `g`: `.s` holds how many parts there are, `.t` how many were added later, `.j` their results by index,
/// `.d` which have been counted, and `.c` who publishes the body, or that it is done. A part counts once however often
/// it is delivered. Whoever completes the count takes a lease on the body; if it dies with it, the part's message is
/// delivered again, and its new worker takes the lease when it has run out.
struct ChordCommands: Sendable {
    /// Seconds until another worker may publish the body when whoever has claimed it says nothing.
    static let lease = 5
    /// How often who publishes it says that he is still there.
    static let renewal = Duration.milliseconds(1500)
    /// How long it is remembered that a chord is done, for late copies of its parts.
    static let memory = 300

    private let prefix: String
    /// Seconds; 0 for ever.
    private let expires: Int
    /// Whether the results are kept by index, and not as they come (`result_chord_ordered`).
    let isOrdered: Bool

    init(keyPrefix: String, expires: Int?, isOrdered: Bool) {
        prefix = keyPrefix + "celery-taskset-meta-"
        self.expires = expires ?? 0
        self.isOrdered = isOrdered
    }

    func key(_ group: String, _ suffix: String = "") -> String { prefix + group + suffix }

    /// Counts a part; answers the number counted, the number added, the size and whether the body is ours to publish.
    ///
    /// - Parameter isFirst: Whether the part's message was never delivered or sent before. Of a chord that is done it
    ///   then belongs to the next run: a frozen signature that is applied again has the same ids, and its first parts
    ///   may be here before its size, which is set with the last one (`celery/canvas.py` `_apply_tasks`).
    func countPart(
        of group: String,
        task: String,
        index: Int?,
        part: [UInt8],
        token: String,
        isFirst: Bool
    ) -> RedisCall {
        RedisCall(
            script: Self.partScript,
            keys: [".j", ".t", ".s", ".d", ".c"].map { key(group, $0) },
            arguments: [
                task, part, index.map(String.init) ?? "+inf", String(expires), String(Self.lease), token,
                isOrdered ? "1" : "0", isFirst ? "1" : "0",
            ]
        )
    }

    /// All results that have been counted, in order.
    func parts(of group: String) -> RedisCommand {
        RedisCommand(isOrdered ? "ZRANGE" : "LRANGE", key: key(group, ".j"), "0", "-1")
    }

    /// Renews the lease; takes one that has lapsed and that nobody else took. Answers 1 when it is ours.
    func extendLease(of group: String, token: String) -> RedisCall {
        RedisCall(
            script: Self.extendScript,
            keys: [key(group, ".c"), key(group, ".s")],
            arguments: [token, String(Self.lease)]
        )
    }

    func finish(_ group: String, token: String) -> RedisCall {
        RedisCall(
            script: Self.finishScript,
            keys: [".c", ".j", ".t", ".s", ".d"].map { key(group, $0) },
            arguments: [token, String(Self.memory)]
        )
    }

    /// A script with what it is called with.
    struct RedisCall: Sendable {
        var script: RedisScript
        var keys: [String]
        var arguments: [any RedisArgument & Sendable]
    }

    static let scripts = [partScript, extendScript, finishScript]

    private static let partScript = RedisScript(
        """
        local j, t, s, d, c = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
        local done = redis.call('GET', c) == 'done'
        if done and ARGV[8] == '0' then return {-1, 0, false, 0} end
        if redis.call('SADD', d, ARGV[1] .. ':' .. ARGV[3]) == 1 then
          if ARGV[7] == '1' then redis.call('ZADD', j, ARGV[3], ARGV[2]) else redis.call('RPUSH', j, ARGV[2]) end
        end
        if ARGV[4] ~= '0' then
          for _, key in ipairs({j, t, s, d}) do redis.call('EXPIRE', key, ARGV[4]) end
        end
        if done then return {-1, 0, false, 0} end
        local count = redis.call(ARGV[7] == '1' and 'ZCARD' or 'LLEN', j)
        local added = tonumber(redis.call('GET', t) or 0)
        local size = redis.call('GET', s)
        local claimed = 0
        if size and count >= tonumber(size) + added
            and redis.call('SET', c, ARGV[6], 'NX', 'EX', ARGV[5]) then
          claimed = 1
        end
        return {count, added, size, claimed}
        """
    )

    private static let extendScript = RedisScript(
        """
        local owner = redis.call('GET', KEYS[1])
        if owner == ARGV[1] then return redis.call('EXPIRE', KEYS[1], ARGV[2]) end
        if owner or redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
        redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
        return 1
        """
    )

    private static let finishScript = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('DEL', KEYS[2], KEYS[3], KEYS[4], KEYS[5])
        redis.call('SET', KEYS[1], 'done', 'EX', ARGV[2])
        return 1
        """
    )
}
