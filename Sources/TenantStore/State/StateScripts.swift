import Connections

/// The scripts by which documents change: each touches one key, decides, changes and announces in one step.
///
/// Arguments are texts; a time to live is in milliseconds, `0` for none and `keep` for what it has. All answer
/// `{status, version}`, the status as in ``StateReply``.
enum StateScripts {
    static let all = [create, put, update, delete]

    /// What a script needs to know of the stored document: `version` and `writer`, nil where there is no document.
    private static let read = """
        local head = redis.call('GETRANGE', KEYS[1], 0, 63)
        local version, writer = string.match(head, '^(%d+) %l+ (%x+)\\n')
        if not version and redis.call('EXISTS', KEYS[1]) == 1 then return {-2, 0} end

        """

    /// Versions begin with the time in microseconds, so that a document that was deleted and made again never shows an
    /// earlier version to somebody who had read it before.
    private static let write = """
        local function write(version, tail, ttl, change)
          local text = string.format('%.0f', version)
          if ttl == 'keep' then
            redis.call('SET', KEYS[1], text .. tail, 'KEEPTTL')
          elseif ttl == '0' then
            redis.call('SET', KEYS[1], text .. tail)
          else
            redis.call('SET', KEYS[1], text .. tail, 'PX', ttl)
          end
          redis.call('PUBLISH', KEYS[1], '{"change": "' .. change .. '", "version": ' .. text .. '}')
          return {1, version}
        end

        local function first()
          local time = redis.call('TIME')
          return time[1] * 1000000 + time[2]
        end

        """

    /// `ARGV`: tail, time to live, writer. The same writer's second attempt succeeds without doing it again.
    static let create = RedisScript(
        """
        local time = redis.call('TIME')
        local version = time[1] * 1000000 + time[2]
        local text = string.format('%.0f', version)
        local made
        if ARGV[2] == '0' then
          made = redis.call('SET', KEYS[1], text .. ARGV[1], 'NX')
        else
          made = redis.call('SET', KEYS[1], text .. ARGV[1], 'NX', 'PX', ARGV[2])
        end
        if made then
          redis.call('PUBLISH', KEYS[1], '{"change": "created", "version": ' .. text .. '}')
          return {1, version}
        end
        \(read)if writer == ARGV[3] then return {1, tonumber(version)} end
        return {0, tonumber(version)}
        """
    )

    /// `ARGV`: tail, time to live. Creates or replaces.
    static let put = RedisScript(
        """
        \(write)\(read)if version then return write(version + 1, ARGV[1], ARGV[2], 'updated') end
        return write(first(), ARGV[1], ARGV[2], 'created')
        """
    )

    /// `ARGV`: tail, time to live, the version that is replaced.
    static let update = RedisScript(
        """
        \(write)\(read)if not version then return {-1, 0} end
        if version ~= ARGV[3] then return {0, tonumber(version)} end
        return write(version + 1, ARGV[1], ARGV[2], 'updated')
        """
    )

    /// `ARGV`: the version that is deleted, or `any`: that takes away what is no document, too.
    static let delete = RedisScript(
        """
        local head = redis.call('GETRANGE', KEYS[1], 0, 63)
        local version = string.match(head, '^(%d+) %l+ %x+ *\\n')
        if not version and redis.call('EXISTS', KEYS[1]) == 0 then return {-1, 0} end
        if ARGV[1] ~= 'any' then
          if not version then return {-2, 0} end
          if version ~= ARGV[1] then return {0, tonumber(version)} end
        end
        redis.call('UNLINK', KEYS[1])
        redis.call('PUBLISH', KEYS[1], '{"change": "deleted", "version": ' .. (version or '0') .. '}')
        return {1, tonumber(version or '0')}
        """
    )
}
