import Connections

/// The scripts by which a node's counts get into the hash of a metric and out of it.
enum MetricScripts {
    static let all = [merge, retire]

    /// The fields of nodes that have ended.
    static let retired = "retired"
    static let addedSuffix = ":p"
    static let takenSuffix = ":n"

    /// `ARGV`: field and total, …, and the announcement. A total only ever replaces a smaller one, so that an attempt that
    /// arrives twice or late changes nothing. Numbers are compared as decimal texts, because Lua's lose digits.
    static let merge = RedisScript(
        """
        local changed = false
        for i = 1, #ARGV - 1, 2 do
          local stored = redis.call('HGET', KEYS[1], ARGV[i]) or '0'
          local total = ARGV[i + 1]
          if not string.match(stored, '^%d+$') then return -2 end
          if #total > #stored or (#total == #stored and total > stored) then
            redis.call('HSET', KEYS[1], ARGV[i], total)
            changed = true
          end
        end
        if changed then redis.call('PUBLISH', KEYS[1], ARGV[#ARGV]) end
        return 1
        """
    )

    /// `ARGV`: the node, the suffixes. Adds its fields to those of the ended nodes and removes them; doing it twice changes
    /// nothing.
    static let retire = RedisScript(
        """
        for i = 2, #ARGV do
          local field = ARGV[1] .. ARGV[i]
          local total = redis.call('HGET', KEYS[1], field)
          if total then
            redis.call('HINCRBY', KEYS[1], 'retired' .. ARGV[i], total)
            redis.call('HDEL', KEYS[1], field)
          end
        end
        return 1
        """
    )
}
