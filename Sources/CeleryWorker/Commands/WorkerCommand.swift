public import ArgumentParser
import Connections
import Foundation
import Logging
import UnixSignals

/// `chard worker`: consumes queues until TERM or Ctrl-C. The options are those of `celery worker`.
public struct WorkerCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Run a worker.",
        discussion: """
            TERM or Ctrl-C ends it warmly: it stops consuming, gives back what has not started, and finishes what runs. \
            A second one ends it at once; the broker then delivers unfinished messages again.
            """
    )

    @OptionGroup public var settings: SettingsOptions
    @Option(
        name: [.customShort("Q"), .long],
        help: "Queues to consume, separated by commas. Default: all of queues.yaml."
    )
    public var queues: String?
    @Option(name: [.customShort("X"), .long], help: "Queues not to consume.")
    public var excludeQueues: String?
    @Option(
        name: [.customShort("n"), .long],
        help: "Node name; %h host, %n its first part, %d its domain. Default: celery@%h."
    )
    public var hostname: String?
    @Option(name: .shortAndLong, help: "Tasks of a queue that run at once, where queues.yaml says nothing.")
    public var concurrency: Int?
    @Option(help: "Messages fetched ahead per slot.")
    public var prefetchMultiplier: Int?
    @Option(name: .shortAndLong, help: "debug, info, warning, error or critical. Default: info.")
    public var loglevel: String?
    @Flag(name: [.customShort("E"), .customLong("task-events"), .customLong("events")], help: "Send task events.")
    public var taskEvents = false
    @Option(help: "Seconds after which a task fails as TimeLimitExceeded.")
    public var timeLimit: String?
    @Option(help: "Seconds after which a task is cancelled.")
    public var softTimeLimit: String?
    @Flag(name: [.customLong("purge"), .customLong("discard")], help: "Drop all waiting messages of the queues first.")
    public var purge = false
    @Flag(help: "Do not listen to other workers' heartbeats.") public var withoutGossip = false
    @Flag(help: "Do not ask other workers what is revoked.") public var withoutMingle = false
    @Flag(help: "Send no heartbeats: monitors will take the worker for dead.") public var withoutHeartbeat = false
    @Option(help: "Seconds between heartbeats. Default: 2.") public var heartbeatInterval: String?
    @Option(name: [.customShort("P"), .long], help: .hidden) public var pool: String?
    @Option(name: [.customShort("O")], help: .hidden) public var optimization: String?

    public init() {}

    public func run() async throws {
        let celery = Celery(configuration: try WorkerConfiguration.load(overrides: overrides))
        try await run(celery)
    }

    /// What the command line says, to be laid over queues.yaml.
    public var overrides: ConfigurationOverrides {
        var overrides = settings.overrides
        overrides.queues = queues
        overrides.excludeQueues = excludeQueues
        overrides.hostname = hostname
        overrides.concurrency = concurrency
        overrides.prefetchMultiplier = prefetchMultiplier
        overrides.logLevel = loglevel
        overrides.taskEvents = taskEvents ? true : nil
        overrides.heartbeat = withoutHeartbeat ? false : nil
        overrides.heartbeatInterval = heartbeatInterval
        overrides.gossip = withoutGossip ? false : nil
        overrides.mingle = withoutMingle ? false : nil
        overrides.timeLimit = timeLimit
        overrides.softTimeLimit = softTimeLimit
        return overrides
    }

    /// Runs a worker for `celery` until a signal, then ends it warmly.
    public func run(_ celery: Celery) async throws {
        for warning in celery.configuration.warnings { celery.logger.warning("\(warning)") }
        if purge { try await dropWaiting(celery) }
        let worker = try Worker(celery)
        let signals = Task { [logger = celery.logger] in await Self.obeySignals(worker, logger) }
        defer { signals.cancel() }
        try await worker.run()
        celery.close()
    }

    private static func obeySignals(_ worker: Worker, _ logger: Logger) async {
        var count = 0
        for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
            count += 1
            guard count == 1 else {
                logger.critical("worker: Cold shutdown (MainProcess): unfinished messages go back to the broker")
                Foundation.exit(1)
            }
            if signal == .sigint {
                logger.notice("worker: Hitting Ctrl+C again will end it at once, with all running tasks!")
            }
            worker.stop()
        }
    }

    private func dropWaiting(_ celery: Celery) async throws {
        for queue in celery.configuration.consumedQueues {
            let count = try await celery.purge(queue.name)
            celery.logger.notice("purge: Erased \(count) messages from the queue \(queue.name).")
        }
    }
}
