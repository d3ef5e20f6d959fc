import Connections
import Logging
import Synchronization

/// Answers prompts, conversations and texts to embed by way of several model servers.
///
/// A request is looked up in the cache, joins an equal one that is under way, or goes to the least busy instance that has
/// its model and whose breaker is closed; when that instance fails before the answer is whole, the request moves on to
/// the next. It throws `InferenceError`, or `CancellationError` when its task is cancelled. It connects to nothing before
/// the first request, and lives until `close()`.
package final class InferenceService: Sendable {
    package typealias Listener = @Sendable (InferenceProgress) -> Void

    package let configuration: InferenceConfiguration
    let logger: Logger
    private let redisURL: RedisURL?
    private let parts = Mutex<Parts?>(nil)
    private let counts = Mutex(InferenceMetrics())
    private let onCount: @Sendable (InferenceCount, Int) -> Void

    /// What there is from the first request on.
    struct Parts: Sendable {
        var pool: InstancePool
        var cache: ResponseCache
        var completions = SingleFlight<KeptCompletion, InferenceProgress>()
        var vectors = SingleFlight<EmbeddingBatcher.Vector, Never>()
        var redis: RedisClient?
        var watch: Task<Void, Never>
    }

    private let batchers = Mutex<[String: EmbeddingBatcher]>([:])

    /// - Parameters:
    ///   - redis: Where answers and breakers are shared with other workers; nil: nowhere.
    ///   - onCount: Told all that is counted; must not block.
    package init(
        _ configuration: InferenceConfiguration,
        redis: RedisURL?,
        logger: Logger,
        onCount: @escaping @Sendable (InferenceCount, Int) -> Void = { _, _ in }
    ) {
        self.onCount = onCount
        self.configuration = configuration
        self.logger = logger
        redisURL = redis
    }

    deinit { close() }

    package var metrics: InferenceMetrics { counts.withLock { $0 } }

    /// Ends the checks and the connection to Redis; a later request starts them again.
    package func close() {
        let parts = parts.withLock { parts in
            defer { parts = nil }
            return parts
        }
        parts?.watch.cancel()
        parts?.redis?.close()
    }

    /// What is known of each instance; empty before the first request.
    package var instances: [InstanceStatus] {
        guard let pool = parts.withLock({ $0?.pool }) else { return [] }
        return zip(pool.members, pool.outstanding).map { InstanceStatus($0, outstanding: $1) }
    }

    func count(_ what: InferenceCount, _ amount: Int = 1) {
        guard amount > 0 else { return }
        counts.withLock { $0.add(amount, to: what) }
        onCount(what, amount)
    }

    func started() throws -> Parts {
        guard !configuration.instances.isEmpty else { throw InferenceError.noInstances }
        return parts.withLock { parts in
            if let parts { return parts }
            let made = makeParts()
            parts = made
            return made
        }
    }

    func batcher(_ model: String) -> EmbeddingBatcher {
        batchers.withLock { batchers in
            if let batcher = batchers[model] { return batcher }
            let batcher = EmbeddingBatcher(configuration.batch) { [weak self] texts in
                guard let self else { throw CancellationError() }
                return try await self.embedNow(texts, model: model)
            }
            batchers[model] = batcher
            return batcher
        }
    }

    private func makeParts() -> Parts {
        let redis = redisURL.map { RedisClient(url: $0) }
        let channel = configuration.keyPrefix + "breakers"
        let members = configuration.instances.enumerated().map { number, instance in
            let store = redis.map {
                BreakerStore(
                    redis: $0,
                    key: configuration.keyPrefix + "breaker:" + instance.address,
                    channel: channel,
                    lifetime: configuration.breaker.window + configuration.breaker.openFor * 2 + .seconds(60)
                )
            }
            let breaker = SharedBreaker(
                name: instance.address,
                store: store,
                settings: configuration.breaker,
                logger: logger
            )
            return PoolMember(number: number, server: instance.server(configuration.limits), breaker: breaker)
        }
        let pool = InstancePool(members)
        let watch = HealthWatch(
            pool: pool,
            interval: configuration.healthInterval,
            redis: redisURL,
            channel: channel,
            logger: logger
        )
        return Parts(
            pool: pool,
            cache: ResponseCache(
                configuration.cache,
                redis: redis,
                prefix: configuration.keyPrefix + "cache:",
                logger: logger
            ),
            redis: redis,
            watch: Task { await watch.run() }
        )
    }
}
