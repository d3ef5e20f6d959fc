import ArgumentParser
import CeleryWorker

/// `chard beat`: sends periodic tasks. The options are those of `celery beat`.
struct BeatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "beat",
        abstract: "Send the periodic tasks of queues.yaml when they are due.",
        discussion: """
            Several may run against one Redis: one sends, and when it dies another takes over. TERM or Ctrl-C ends it.
            """,
        subcommands: [BeatRunCommand.self, BeatListCommand.self],
        defaultSubcommand: BeatRunCommand.self
    )
}

/// `chard beat` without a further word.
struct BeatRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Send periodic tasks until TERM or Ctrl-C (the default)."
    )

    @OptionGroup var settings: SettingsOptions

    @Option(name: .shortAndLong, help: "debug, info, warning, error or critical. Default: info.")
    var loglevel: String?

    @Option(name: .long, help: "Longest sleep between two looks at the clock, in seconds. Default: beat.max_interval.")
    var maxInterval: Seconds?

    @Flag(name: .long, help: "There is no other beat: keep no lock, and the last runs only in memory.")
    var noLock = false

    func run() async throws {
        var overrides = settings.overrides
        overrides.logLevel = loglevel
        let celery = Celery(configuration: try WorkerConfiguration.load(overrides: overrides))
        defer { celery.close() }
        for warning in celery.configuration.warnings { celery.logger.warning("\(warning)") }
        let interval = maxInterval.map { max($0.duration, .milliseconds(100)) }
        try await Beat(celery, isSingle: noLock, maxInterval: interval).runUntilSignal()
    }
}
