import Connections

/// What happens to a lease, each in one atomic step of Redis.
///
/// A lease is a hash: `state`, `fence`, `starts`, `expiry` (milliseconds of Redis' own clock, so that no worker's clock
/// matters), `token`, `worker`, and the message (`properties`, `body`) as long as no broker has it. Its key and the
/// result's are in one slot of a Redis Cluster. The states:
///
/// * `held`: a worker runs the task. When `expiry` has passed, anybody may take the lease away.
/// * `moving`: somebody publishes the message again, until `expiry`; then another may.
/// * `queued`: the broker has the message again, with the fence in its header `x-chard-lease`.
/// * `ended`: the attempt is over, with or without `success`. Kept for a while against late copies.
///
/// `TIME` in a script that writes needs Redis 5.
enum LeaseScripts {
    static let all = [take, renew, restore, store, claim, queued, end, due]

    private static let now =
        "local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"

    /// Keys: result, lease. Arguments: token, milliseconds, properties, body, worker, fence and starts of a copy's
    /// header (-1: no copy), most starts, whether the message was delivered before (1), retries.
    ///
    /// Answers {1, fence, starts, expiry}: taken; {0}: the task has succeeded; {-1}: another has it, or the attempt is
    /// over; {-1, expiry}: it is held until then; {-2, starts}: started too often. A message that is delivered again
    /// after the attempt has failed begins anew, as every task does; one that was sent again under the same id cannot be
    /// told from it.
    static let take = RedisScript(
        now + """
            local l = redis.call('HMGET', KEYS[2], 'state', 'fence', 'starts', 'expiry', 'token', 'success')
            local state, fence, starts = l[1], tonumber(l[2] or 0), tonumber(l[3] or 0)
            if state == 'held' and l[5] == ARGV[1] then return {1, fence, starts, tonumber(l[4])} end
            local copy = tonumber(ARGV[6])
            if copy >= 0 or ARGV[9] == '1' or tonumber(ARGV[10]) > 0 then
              local stored = redis.call('GET', KEYS[1])
              if stored and string.sub(stored, 1, 20) == '{"status": "SUCCESS"' then return {0} end
            end
            if not state then
              if copy >= 0 then fence = copy; starts = tonumber(ARGV[7]) end
            elseif copy >= 0 then
              if state == 'held' then return {-1, tonumber(l[4])} end
              if copy < fence or state == 'ended' then return {-1} end
            elseif state == 'ended' then
              if ARGV[9] == '1' and l[6] == '1' then return {-1} end
              starts = 0
            elseif state == 'queued' then
              if ARGV[9] == '1' then return {-1} end
              starts = 0
            elseif tonumber(l[4]) > now then
              return {-1, tonumber(l[4])}
            end
            starts = starts + 1
            if starts > tonumber(ARGV[8]) then return {-2, starts} end
            fence = fence + 1
            redis.call('HSET', KEYS[2], 'state', 'held', 'fence', fence, 'starts', starts, 'expiry', now + ARGV[2],
              'token', ARGV[1], 'worker', ARGV[5], 'properties', ARGV[3], 'body', ARGV[4])
            redis.call('PERSIST', KEYS[2])
            return {1, fence, starts, now + ARGV[2]}
            """
    )

    /// Keys: lease. Arguments: fence, milliseconds. The new expiry; 0: another has it, -1: there is no such lease.
    static let renew = RedisScript(
        now + """
            local l = redis.call('HMGET', KEYS[1], 'state', 'fence')
            if not l[1] then return -1 end
            if l[1] ~= 'held' or l[2] ~= ARGV[1] then return 0 end
            redis.call('HSET', KEYS[1], 'expiry', now + ARGV[2])
            return now + ARGV[2]
            """
    )

    /// Puts a lease back that Redis has forgotten (its data was lost). Keys: result, lease. Arguments: token,
    /// milliseconds, properties, body, worker, fence, starts. Its expiry; 0: it is there, or the task has succeeded.
    static let restore = RedisScript(
        now + """
            if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
            local stored = redis.call('GET', KEYS[1])
            if stored and string.sub(stored, 1, 20) == '{"status": "SUCCESS"' then return 0 end
            redis.call('HSET', KEYS[2], 'state', 'held', 'fence', ARGV[6], 'starts', ARGV[7], 'expiry', now + ARGV[2],
              'token', ARGV[1], 'worker', ARGV[5], 'properties', ARGV[3], 'body', ARGV[4])
            return now + ARGV[2]
            """
    )

    /// Stores a state by `RedisResultCommands.storeScript`, if the lease is still the writer's. Keys: result, lease.
    /// Arguments: document, seconds that it is kept (0: for ever), fence. -1: refused.
    static let store = RedisScript(
        """
        local l = redis.call('HMGET', KEYS[2], 'state', 'fence')
        if l[1] and (l[1] ~= 'held' or l[2] ~= ARGV[3]) then return -1 end

        """ + RedisResultCommands.storeScript.source
    )

    /// Takes a lease away, to publish its message again. Keys: lease. Arguments: milliseconds; its holder's fence, or -1
    /// for a lease that must have lapsed; whether the start counts (1).
    ///
    /// Answers {1, fence, starts, properties, body, worker}: it is ours to publish; {0, expiry}: it has not lapsed;
    /// {-1}: there is nothing to publish.
    static let claim = RedisScript(
        now + """
            local l = redis.call('HMGET', KEYS[1], 'state', 'fence', 'starts', 'expiry', 'properties', 'body', 'worker')
            if l[1] ~= 'held' and l[1] ~= 'moving' then return {-1} end
            if ARGV[2] == '-1' then
              if tonumber(l[4]) > now then return {0, tonumber(l[4])} end
            elseif l[1] ~= 'held' or l[2] ~= ARGV[2] then
              return {-1}
            end
            local fence, starts = tonumber(l[2]) + 1, tonumber(l[3])
            if ARGV[3] == '0' then starts = starts - 1 end
            redis.call('HSET', KEYS[1], 'state', 'moving', 'fence', fence, 'starts', starts, 'expiry', now + ARGV[1],
              'token', '')
            return {1, fence, starts, l[5], l[6], l[7]}
            """
    )

    /// The broker has the message again. Keys: lease. Arguments: fence, seconds that the lease is kept.
    static let queued = RedisScript(
        """
        local l = redis.call('HMGET', KEYS[1], 'state', 'fence')
        if l[1] ~= 'moving' or l[2] ~= ARGV[1] then return 0 end
        redis.call('HSET', KEYS[1], 'state', 'queued')
        redis.call('HDEL', KEYS[1], 'properties', 'body')
        return redis.call('EXPIRE', KEYS[1], ARGV[2])
        """
    )

    /// The attempt is over. Keys: lease. Arguments: fence, seconds that the lease is kept, whether it was a success (1).
    static let end = RedisScript(
        """
        local l = redis.call('HMGET', KEYS[1], 'state', 'fence')
        if l[1] ~= 'held' or l[2] ~= ARGV[1] then return 0 end
        redis.call('HSET', KEYS[1], 'state', 'ended', 'token', '', 'success', ARGV[3])
        redis.call('HDEL', KEYS[1], 'properties', 'body')
        return redis.call('EXPIRE', KEYS[1], ARGV[2])
        """
    )

    /// Those of a queue's leases that may have lapsed. Keys: index. Arguments: how many at most.
    static let due = RedisScript(
        now + "return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])"
    )
}
