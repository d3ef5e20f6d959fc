import ArgumentParser
import CeleryMonitor
import CeleryWorker

/// `chard monitor routes`: method, path and role of every endpoint, for tests that must not forget one.
struct MonitorRoutes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "routes", shouldDisplay: false)

    @OptionGroup var settings: SettingsOptions

    func run() async throws {
        let configuration = try settings.load()
        let celery = Celery(configuration: configuration)
        defer { celery.close() }
        var monitor = configuration.section(MonitorSettings.self)
        monitor.history = ":memory:"
        let server = try MonitorServer(celery: celery, settings: monitor, shards: nil, logger: celery.logger) { _ in }
        print(try await server.routes().joined(separator: "\n"))
    }
}
