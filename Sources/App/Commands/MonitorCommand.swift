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

    func run() async throws {
        let configuration = try settings.load()
        var monitor = configuration.section(MonitorSettings.self)
        monitor.address = address ?? monitor.address
        monitor.port = port ?? monitor.port
        let celery = Celery(configuration: configuration)
        defer { celery.close() }
        let logger = Logger(label: "chard.monitor")
        let server = try MonitorServer(celery: celery, settings: monitor, shards: nil, logger: logger) { url in
            print("The monitor is at \(url)")
            fflush(nil)
        }
        try await ServiceGroup(
            configuration: .init(
                services: [server],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        ).run()
    }
}
