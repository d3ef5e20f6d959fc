public import ArgumentParser
import Connections
import Foundation
import Logging
import Synchronization
import UnixSignals

/// `chard worker`: consumes queues until TERM or Ctrl-C. The options are those of `celery worker`.
public struct WorkerCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Run a worker.",
        discussion: """
            TERM or Ctrl-C ends it warmly: it stops consuming, gives back what has not started, and finishes what runs. \
            A second Ctrl-C, or QUIT, stops what runs; the broker then delivers its messages again. HUP restarts the \
            worker, USR1 logs what it is doing. REMAP_SIGTERM=SIGQUIT makes TERM mean QUIT.
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
    @Option(help: "Largest and smallest number of tasks that run at once, e.g. 16,2; grows and shrinks with the work.")
    public var autoscale: String?
    @Option(help: "Messages fetched ahead per slot.")
    public var prefetchMultiplier: Int?
    @Option(name: .shortAndLong, help: "debug, info, warning, error or critical. Default: info.")
    public var loglevel: String?
    @Flag(name: [.customShort("E"), .customLong("task-events"), .customLong("events")], help: "Send task events.")
    public var taskEvents = false
    @Flag(name: [.customShort("B"), .long], help: "Send periodic tasks as well, as `chard beat` does.")
    public var beat = false
    @Option(help: "Seconds after which a task fails as TimeLimitExceeded.")
    public var timeLimit: String?
    @Option(help: "Seconds after which a task is cancelled.")
    public var softTimeLimit: String?
    @Option(help: "Tasks after which a child process is replaced.")
    public var maxTasksPerChild: Int?
    @Option(help: "KiB of memory beyond which a child process is replaced after its task.")
    public var maxMemoryPerChild: Int?
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
        overrides.autoscale = autoscale
        overrides.prefetchMultiplier = prefetchMultiplier
        overrides.logLevel = loglevel
        overrides.taskEvents = taskEvents ? true : nil
        overrides.heartbeat = withoutHeartbeat ? false : nil
        overrides.heartbeatInterval = heartbeatInterval
        overrides.gossip = withoutGossip ? false : nil
        overrides.mingle = withoutMingle ? false : nil
        overrides.timeLimit = timeLimit
        overrides.softTimeLimit = softTimeLimit
        overrides.maxTasksPerChild = maxTasksPerChild
        overrides.maxMemoryPerChild = maxMemoryPerChild
        return overrides
    }

    /// Runs a worker for `celery` until a signal, then ends it warmly.
    public func run(_ celery: Celery) async throws {
        try await PoolServer.serveIfChild(celery)
        for warning in celery.configuration.warnings { celery.logger.warning("\(warning)") }
        if purge { try await dropWaiting(celery) }
        let worker = try Worker(celery)
        let beat = beat ? try Beat(celery) : nil
        let beating = Task { await beat?.run() }
        let decisions = Mutex(ShutdownSignals(remapsTerm: Self.remapsTerm))
        let signals = Task { [logger = celery.logger] in await Self.obeySignals(worker, decisions, logger) }
        defer { signals.cancel() }
        do {
            try await worker.run()
        } catch {
            beat?.stop()
            throw error
        }
        beat?.stop()
        await beating.value
        celery.close()
        let (restarts, exitCode) = decisions.withLock { ($0.restarts, $0.exitCode) }
        if restarts { celery.logger.critical("restarting: \(ProcessImage.restart())") }
        if exitCode != 0 { throw ExitCode(exitCode) }
    }

    /// `REMAP_SIGTERM=SIGQUIT`: what stops containers sends TERM only.
    private static var remapsTerm: Bool { ProcessInfo.processInfo.environment["REMAP_SIGTERM"] == "SIGQUIT" }

    private static func obeySignals(
        _ worker: Worker,
        _ decisions: borrowing Mutex<ShutdownSignals>,
        _ logger: Logger
    ) async {
        for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint, .sigquit, .sighup, .sigusr1) {
            guard let known = ShutdownSignals.Signal(signal) else {
                worker.logRunning()
                continue
            }
            switch decisions.withLock({ $0.receive(known) }) {
            case .none: break
            case .warm:
                if signal == .sigint {
                    logger.notice(
                        "worker: Hitting Ctrl+C again will initiate cold shutdown, terminating all running tasks!"
                    )
                }
                worker.stop()
            case .cold:
                logger.warning("worker: Cold shutdown (MainProcess): running tasks are stopped")
                worker.stopCold()
            case .exit:
                logger.critical("worker: exiting at once; unfinished messages go back to the broker")
                Foundation.exit(1)
            }
        }
    }

    private func dropWaiting(_ celery: Celery) async throws {
        for queue in celery.configuration.allConsumedQueues {
            let count = try await celery.purge(queue.name)
            celery.logger.notice("purge: Erased \(count) messages from the queue \(queue.name).")
        }
    }
}

extension ShutdownSignals.Signal {
    fileprivate init?(_ signal: UnixSignal) {
        switch signal {
        case .sigterm: self = .term
        case .sigint: self = .int
        case .sigquit: self = .quit
        case .sighup: self = .hup
        default: return nil
        }
    }
}
