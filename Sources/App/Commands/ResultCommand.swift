import ArgumentParser
import CeleryWorker

/// `chard result`: shows what a task returned.
struct ResultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "result",
        abstract: "Show the result of a task as JSON.",
        discussion: """
            Exit status 1 when the task failed, 2 when it has not ended or no result is stored (with --wait: in time).
            """
    )

    @OptionGroup var settings: SettingsOptions

    @Argument(help: "The id of the task.")
    var id: String

    @OptionGroup var waiting: ResultWait

    func run() async throws {
        let celery = Celery(configuration: try settings.load().quiet)
        defer { celery.close() }
        try await waiting.show(celery.result(id))
    }
}

extension WorkerConfiguration {
    /// For commands that speak for themselves: logs nothing.
    var quiet: WorkerConfiguration {
        var configuration = self
        configuration.worker.logLevel = .critical
        return configuration
    }
}
