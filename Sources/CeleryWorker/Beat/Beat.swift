import Connections
import Logging
public import ServiceLifecycle

/// The scheduler: sends the periodic tasks of `beat.entries` when they are due (`celery/beat.py`).
///
/// Any number of them may run against one Redis; one leads and sends, the others wait for its lock. Each run is first
/// claimed in Redis, in one step that moves the entry's last run forward, and then published under an id made of entry
/// and time. So no run is claimed twice. What a beat had claimed and not seen confirmed when it died, its successor
/// sends again with the same id and the header `x-chard-again`, which lets workers find the duplicate.
public final class Beat: Service {
    let settings: BeatSettings
    let maxInterval: Duration
    let lock: any BeatLock
    let store: any BeatStore
    let sender: BeatSender
    let logger: Logger
    private let shutdown = Shutdown()

    /// - Parameters:
    ///   - isSingle: There is no other; keeps no lock, and last runs only in memory.
    ///   - maxInterval: Wins over the settings.
    /// - Throws: `BeatError.noRedis`.
    public convenience init(
        _ celery: Celery,
        isSingle: Bool = false,
        maxInterval: Duration? = nil
    ) throws(BeatError) {
        let settings = celery.configuration.beat
        let prefix = celery.configuration.resultBackend.keyPrefix + settings.keyPrefix
        if isSingle {
            self.init(celery, lock: SingleBeatLock(), store: MemoryBeatStore(), maxInterval: maxInterval)
        } else if let client = celery.results?.client {
            let lock = RedisBeatLock(client: client, prefix: prefix, ttl: settings.lockTTL)
            let store = RedisBeatStore(client: client, prefix: prefix)
            self.init(celery, lock: lock, store: store, maxInterval: maxInterval)
        } else {
            throw .noRedis
        }
    }

    /// A beat with another lock, such as one of Consul.
    package init(_ celery: Celery, lock: any BeatLock, store: any BeatStore, maxInterval: Duration? = nil) {
        let configuration = celery.configuration
        settings = configuration.beat
        self.maxInterval = maxInterval ?? configuration.beat.maxInterval
        self.lock = lock
        self.store = store
        sender = BeatSender(
            celery: celery,
            prefix: configuration.resultBackend.keyPrefix + configuration.beat.keyPrefix
        )
        logger = celery.logger
    }

    /// Sends until a graceful shutdown, `stop()`, or cancellation. What is being sent then is ended in order.
    public func run() async {
        logger.info("beat: Starting...")
        if settings.entries.isEmpty { logger.warning("beat: There is nothing to send: beat.entries is empty") }
        let leading = Task { await contend() }
        shutdown.onBegin { leading.cancel() }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await leading.value
            } onGracefulShutdown: {
                self.stop()
            }
        } onCancel: {
            stop()
        }
        logger.info("beat: Shutting down...")
    }

    /// Ends `run`.
    public func stop() { shutdown.begin() }

    /// Takes the lock whenever it can be had, and leads while it holds.
    private func contend() async {
        var known = BeatMemory()
        var isWaiting = false
        while !Task.isCancelled {
            var pause = Duration.seconds(1)
            do {
                switch try await lock.acquire() {
                case .held(let lease):
                    isWaiting = false
                    pause = .zero
                    known = await lead(lease, known)
                case .taken(let retryAfter):
                    if !isWaiting { logger.info("beat: Another beat sends; waiting for its lock") }
                    isWaiting = true
                    pause = min(pause, retryAfter)
                }
            } catch {
                if !Task.isCancelled { logger.error("beat: Cannot get the lock, trying again: \(error)") }
            }
            if pause > .zero { try? await Task.sleep(for: pause) }
        }
    }
}
