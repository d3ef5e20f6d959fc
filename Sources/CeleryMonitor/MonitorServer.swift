import CeleryWorker
import Hummingbird
import Logging
import ServiceLifecycle

/// The web monitor as a service: feeds, history, pages. Ends when its task is cancelled or on graceful shutdown.
package struct MonitorServer: Service {
    private let monitor: Monitor
    private let logger: Logger
    private let onReady: @Sendable (_ url: String) async -> Void

    /// - Parameters:
    ///   - onReady: Told the URL when connections are accepted.
    /// - Throws: `MonitorError` when the pages or the history can't be opened.
    package init(
        celery: Celery,
        settings: MonitorSettings,
        shards: (any ShardsReporter)?,
        logger: Logger,
        onReady: @escaping @Sendable (_ url: String) async -> Void
    ) throws {
        let changes = ChangeHub()
        let history = try History(settings, logger: logger)
        monitor = Monitor(
            settings: settings,
            celery: celery,
            history: history,
            fleet: Fleet(),
            broker: BrokerWatch(celery: celery, settings: settings, history: history, changes: changes),
            inspector: Inspector(celery: celery, changes: changes),
            alerts: AlertWatch(),
            changes: changes,
            shards: shards,
            logger: logger
        )
        self.logger = logger
        self.onReady = onReady
    }

    package func run() async throws {
        let assets = try WebAssets(monitor.settings)
        let server = WebServer(monitor: monitor, assets: assets, templates: try await Templates(assets))
        let settings = monitor.settings
        let application = Application(
            router: server.router(),
            configuration: .init(address: .hostname(settings.address, port: settings.port), serverName: nil),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? settings.port
                await onReady("http://\(settings.address):\(port)\(settings.urlPrefix)/")
            },
            logger: logger
        )
        // Ends with the server, whose end is the graceful one.
        let watch = Task { await monitor.broker.run() }
        defer { watch.cancel() }
        try await application.run()
    }
}
