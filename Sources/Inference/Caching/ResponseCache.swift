import Connections
import Logging
import Synchronization

/// Answers in two levels: in this process, and in Redis for all workers.
///
/// It never fails: while Redis is away there is only the first level, and nobody waits for it longer than a moment.
final class ResponseCache: Sendable {
    private let settings: CacheSettings
    private let redis: RedisClient?
    private let prefix: String
    private let logger: Logger
    private let local: Mutex<LRUCache>

    /// A cache that is slower than this is not worth asking.
    private static let timeout = Duration.milliseconds(500)

    init(_ settings: CacheSettings, redis: RedisClient?, prefix: String, logger: Logger) {
        self.settings = settings
        self.redis = redis
        self.prefix = prefix
        self.logger = logger
        local = Mutex(LRUCache(maxBytes: settings.localBytes))
    }

    /// What this process has.
    func local(_ key: String) -> [UInt8]? {
        guard settings.isOn else { return nil }
        return local.withLock { $0.value(for: key, now: .now) }
    }

    /// What Redis has, for each key or nil. It is kept here from now on.
    func shared(_ keys: [String]) async -> [[UInt8]?] {
        guard settings.isOn, let redis, !keys.isEmpty else { return Array(repeating: nil, count: keys.count) }
        let commands = keys.map { RedisCommand("GET", key: prefix + $0) }
        do {
            let found = try await redis.pipeline(commands, timeout: Self.timeout).map(\.bytes)
            for case (let key, let value?) in zip(keys, found) { keep(value, key) }
            return found
        } catch {
            logger.debug("the cache in Redis can't be read: \(error)")
            return Array(repeating: nil, count: keys.count)
        }
    }

    /// Keeps answers in both levels; returns when Redis has them, or is found to be away.
    func store(_ values: [(key: String, value: [UInt8])]) async {
        guard settings.isOn else { return }
        let values = values.filter { $0.value.count <= settings.maxEntry }
        for (key, value) in values { keep(value, key) }
        guard let redis, !values.isEmpty else { return }
        let lifetime = Int(max(1, settings.redisTTL.milliseconds))
        let commands = values.map { RedisCommand("SET", key: prefix + $0.key, $0.value, "PX", lifetime) }
        do {
            _ = try await redis.pipeline(commands, timeout: Self.timeout)
        } catch {
            logger.debug("the cache in Redis can't be written: \(error)")
        }
    }

    private func keep(_ value: [UInt8], _ key: String) {
        let expires = MonotonicTime.now.advanced(by: settings.localTTL)
        local.withLock { $0.insert(value, for: key, expires: expires) }
    }
}
