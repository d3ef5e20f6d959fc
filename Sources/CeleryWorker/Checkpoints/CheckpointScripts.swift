import Connections

/// A task's last checkpoint, a hash: `fence`, `data`, `format` (of the compression, or empty), `size` (bytes without it).
///
/// Whoever was started before the last one that has read or written it is refused. A run with a lease is refused when the
/// lease is not its own any more.
enum CheckpointScripts {
    static let all = [write, read]

    /// -1 for a run that is fenced off.
    private static let check = """
        if KEYS[2] then
          local l = redis.call('HMGET', KEYS[2], 'state', 'fence')
          if l[1] and (l[1] ~= 'held' or l[2] ~= ARGV[1]) then return -1 end
        elseif tonumber(redis.call('HGET', KEYS[1], 'fence') or 0) > tonumber(ARGV[1]) then
          return -1
        end

        """

    /// Keys: checkpoint, lease if there is one. Arguments: fence, seconds that it is kept, data, format, size.
    static let write = RedisScript(
        check + """
            redis.call('HSET', KEYS[1], 'fence', ARGV[1], 'data', ARGV[3], 'format', ARGV[4], 'size', ARGV[5])
            redis.call('EXPIRE', KEYS[1], ARGV[2])
            return 1
            """
    )

    /// Keys: as above. Arguments: fence, seconds that it is kept. Answers the fields data, format, size; from here on
    /// earlier runs are refused.
    static let read = RedisScript(
        check + """
            redis.call('HSET', KEYS[1], 'fence', ARGV[1])
            redis.call('EXPIRE', KEYS[1], ARGV[2])
            return redis.call('HMGET', KEYS[1], 'data', 'format', 'size')
            """
    )
}
