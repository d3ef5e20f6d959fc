import CeleryProtocol
import Connections
import Foundation
import Logging
public import ServiceLifecycle
import Synchronization

/// A worker: consumes its queues until it is told to stop.
///
/// It is a `Service`: in a `ServiceGroup` a graceful shutdown is Celery's warm shutdown. Stop consuming, give back what
/// has not started, let what runs end within the grace period, store and acknowledge, then close.
public final class Worker: Service {
    /// What became of the messages at shutdown.
    public struct Report: Sendable, Hashable, CustomStringConvertible {
        /// Runs that ended since the worker began.
        public var finished = 0
        /// Messages that had not started and went back to the broker.
        public var returned = 0
        /// Runs that had not ended when the grace period was over; the broker delivers their messages again.
        public var abandoned = 0

        public var description: String {
            "finished \(finished), returned \(returned) to the broker"
                + (abandoned > 0 ? ", gave up \(abandoned) that did not end in time" : "")
        }
    }

    public let nodename: String
    private let core: WorkerCore
    private let logger: Logger
    private var shutdown: Shutdown { core.shutdown }
    private let coldShutdown = Shutdown()

    /// - Throws: `CeleryError` or `ConfigurationError` for settings that cannot work.
    public init(_ celery: Celery) throws {
        let configuration = celery.configuration
        nodename = Hostname.nodename(configuration.worker.hostname)
        logger = celery.logger
        core = try WorkerCore(celery: celery, configuration: configuration, nodename: nodename, logger: logger)
        let core = core
        core.runners.connect(
            handle: { entry, lane, task in await core.handle(entry, lane: lane, in: task) },
            idle: { if !core.outbox.isEmpty { core.outbox.flush() } }
        )
    }

    /// Consumes until a graceful shutdown, `stop()`, or cancellation.
    ///
    /// - Throws: `AMQPError` when the broker refuses the worker at its first login or declaration.
    public func run() async throws {
        let report = try await runUntilStopped()
        let kind = coldShutdown.hasBegun ? "Cold" : "Warm"
        logger.notice("worker: \(kind) shutdown (MainProcess): \(report)")
    }

    /// As `run`, and says what became of the messages.
    public func runUntilStopped() async throws -> Report {
        // A program may come here without WorkerCommand.
        try await PoolServer.serveIfChild(core.celery)
        await core.revocations.start()
        let reactor = startReactor()
        core.control.start(core)
        let leaseKeeping = Task { await core.keepLeases() }
        defer {
            leaseKeeping.cancel()
            core.processPool.kill()
            core.revocations.stop()
            core.control.stop()
            core.runners.stop()
            reactor.stop()
        }
        do {
            try await withGracefulShutdownHandler {
                try await waitForConnection()
                _ = await waitUntil(.seconds(2)) { core.control.isReady(core) }
                await core.partitions?.start(core)
                logger.notice("\(nodename) ready.")
                await shutdown.wait()
            } onGracefulShutdown: {
                self.stop()
            }
        } catch is ShutdownBeforeStart {
            return Report()
        }
        let report = await drain()
        await core.processPool.stop()
        reactor.stop()
        core.control.stop()
        // Its last act is to close the connection in order.
        _ = await waitUntil(.seconds(5)) { reactor.hasEnded && core.control.hasEnded }
        return report
    }

    /// Begins a warm shutdown; `run` then returns.
    public func stop() { shutdown.begin() }

    /// Begins a cold shutdown: what runs is stopped, after `soft_shutdown_timeout` if that is set, and its messages go
    /// back to the broker. May follow a warm shutdown that takes too long.
    public func stopCold() {
        coldShutdown.begin()
        shutdown.begin()
    }

    /// Logs what runs and since when.
    func logRunning() {
        let now = MonotonicTime.now
        let runs = core.running.all.map {
            "\($0.message.label) for \(Duration.nanoseconds($0.elapsed(at: now)).secondsText) s"
        }
        let counts = core.runners.counts
        logger.notice(
            "running \(runs.count), waiting \(counts.waiting), threads \(counts.threads)\(runs.map { "\n  " + $0 }.joined())"
        )
    }

    private struct ShutdownBeforeStart: Error {}

    private func startReactor() -> Reactor {
        let core = core
        let configuration = core.configuration
        let options = configuration.amqpOptions(name: nodename)
        return Reactor(name: "chard-worker", waker: core.waker) { [logger] waker in
            let session = AMQPSession(urls: configuration.broker.urls, options: options, logger: logger)
            var redis: RedisConnection?
            if let url = configuration.resultBackend.url {
                let scripts = [RedisResultCommands.storeScript]
                var options = RedisConnectionOptions(clientName: "chard worker", scripts: scripts)
                options.responseTimeout = configuration.resultBackend.timeout
                redis = RedisConnection(url: url, options: options, waker: waker)
            }
            let loop = ConsumerLoop(core: core, session: session, redis: redis)
            if let redis { return [redis, loop] }
            return [loop]
        }
    }

    /// Waits until the worker consumes; throws what the broker refused it with.
    private func waitForConnection() async throws {
        let result = await withCheckedContinuation { continuation in
            let once = Once<Result<Void, any Error>> { continuation.resume(returning: $0) }
            core.onFirstConnection { once.call($0.mapError { $0 }) }
            shutdown.onBegin { once.call(.failure(ShutdownBeforeStart())) }
        }
        try result.get()
    }

    private func drain() async -> Report {
        var report = Report()
        await core.partitions?.stop()
        core.isDraining.store(true, ordering: .relaxed)
        report.returned = await withCheckedContinuation { continuation in
            core.submit(.drain { continuation.resume(returning: $0) })
        }
        // Another worker goes on with them; why wait?
        for run in core.running.all where run.delivery.hold?.isHeld == true { run.stop(.shutdown) }
        if await !runningTasksEnded() {
            for run in core.running.all { run.stop(.shutdown) }
            _ = await waitUntil(.seconds(2)) { core.running.count == 0 }
            core.handBackLeases()
            _ = await waitUntil(.seconds(5)) { !core.running.all.contains { $0.delivery.hold?.isHeld == true } }
        }
        _ = await waitUntil(.seconds(10)) { core.isSettled.load(ordering: .acquiring) && core.outbox.isEmpty }
        report.abandoned = core.running.count + core.totals.interrupted.load(ordering: .relaxed)
        report.finished = core.totals.finished
        return report
    }

    /// Waits for what runs as long as the kind of shutdown allows; whether it has ended.
    private func runningTasksEnded() async -> Bool {
        let core = core
        let settings = core.configuration.worker
        let isIdle = { core.running.count == 0 && core.runners.counts.running == 0 }
        if !coldShutdown.hasBegun {
            logger.notice(
                "worker: Warm shutdown (MainProcess): waiting for \(core.running.count) running tasks, at most \(settings.gracePeriod.secondsText) s"
            )
            _ = await waitUntil(settings.gracePeriod) { isIdle() || coldShutdown.hasBegun }
        }
        if coldShutdown.hasBegun, !isIdle(), settings.softShutdownTimeout > .zero {
            logger.warning(
                "Initiating Soft Shutdown, terminating in \(settings.softShutdownTimeout.secondsText) seconds"
            )
            _ = await waitUntil(settings.softShutdownTimeout, isIdle)
        }
        return isIdle()
    }

    private func waitUntil(_ limit: Duration, _ condition: () -> Bool) async -> Bool {
        let end = ContinuousClock.now + limit
        while !condition() {
            guard ContinuousClock.now < end else { return false }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return true
    }
}
