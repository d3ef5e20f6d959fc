import ArgumentParser
import CeleryMonitor
import CeleryWorker
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// `chard monitor`: the web monitor.
struct MonitorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "monitor",
        abstract: "Serve the web monitor: queues, workers, tasks and workflows in a browser."
    )

    @OptionGroup var settings: SettingsOptions

    @Option(help: "The address to listen at; default 127.0.0.1.")
    var address: String?

    @Option(help: "The port to listen at; 0: any that is free; default 5555.")
    var port: Int?

    @Option(help: "In front of every path, behind a proxy, e.g. /chard.")
    var urlPrefix: String?

    @Option(help: "The file of the history; :memory: keeps none.")
    var history: String?

    @Option(help: "The folder monitor/ with pages, style and scripts.")
    var assets: String?

    @Flag(help: "Nothing can be changed through it.")
    var readOnly = false

    @Option(name: .shortAndLong, help: "debug, info, warning, error or critical. Default: info.")
    var loglevel: String?

    /// Prints method, path and role of every endpoint, for tests that must not forget one.
    @Flag(help: .hidden)
    var routes = false

    func run() async throws {
        var overrides = settings.overrides
        overrides.logLevel = loglevel
        let configuration = try WorkerConfiguration.load(overrides: overrides)
        let celery = Celery(configuration: configuration)
        defer { celery.close() }
        let server = try MonitorServer(
            celery: celery,
            settings: monitorSettings(configuration),
            shards: StoresReporter(configuration),
            logger: celery.logger
        ) { url in
            print("The monitor is at \(url)")
            fflush(nil)
        }
        if routes {
            print(try await server.routes().joined(separator: "\n"))
            return
        }
        for warning in configuration.warnings { celery.logger.warning("\(warning)") }
        try await ServiceGroup(
            configuration: .init(
                services: [server],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: celery.logger
            )
        ).run()
    }

    /// Those of the file, below what the command line says.
    private func monitorSettings(_ configuration: WorkerConfiguration) -> MonitorSettings {
        var monitor = configuration.section(MonitorSettings.self)
        monitor.address = address ?? monitor.address
        monitor.port = port ?? monitor.port
        monitor.urlPrefix = urlPrefix.map(MonitorSettings.prefix) ?? monitor.urlPrefix
        monitor.history = routes ? ":memory:" : history ?? monitor.history
        monitor.assets = assets ?? monitor.assets
        monitor.isReadOnly = readOnly || monitor.isReadOnly
        return monitor
    }
}
