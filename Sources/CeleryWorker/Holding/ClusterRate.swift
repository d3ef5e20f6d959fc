import Connections

/// Reserves starts for all workers together: the ledger of a task is a key of Redis, `chard-rate-<task>` with the global
/// prefix, and the clock is Redis's.
struct ClusterRate: Sendable {
    let results: RedisResults

    /// Takes the next free slot.
    ///
    /// - Parameter interval: Nanoseconds between two starts.
    /// - Returns: Nanoseconds until the slot.
    func reserve(_ task: String, interval: Int64) async throws -> Int64 {
        let reply = try await results.client.evaluate(
            Self.script,
            keys: [results.commands.globalPrefix + "chard-rate-\(task)"],
            arguments: [String(Double(interval) / 1000)],
            timeout: .seconds(2)
        )
        return Int64(reply.integer ?? 0) * 1000
    }

    /// In microseconds. The key holds the next free slot and the interval; a changed interval begins anew.
    private static let script = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local interval = tonumber(ARGV[1])
        local slot = now
        local stored = redis.call('GET', KEYS[1])
        if stored then
          local free, before = string.match(stored, '^(%S+) (%S+)$')
          if before == ARGV[1] then slot = math.max(now, tonumber(free)) end
        end
        local free = slot + interval
        redis.call('SET', KEYS[1], string.format('%.2f ', free) .. ARGV[1], 'PX', math.ceil((free - now) / 1000) + 1000)
        return slot - now
        """
    )
}
