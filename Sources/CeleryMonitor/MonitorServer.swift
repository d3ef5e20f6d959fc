import CeleryWorker
import Hummingbird
import Logging
import ServiceLifecycle

/// The web monitor as a service: feeds, history, pages. Ends when its task is cancelled or on graceful shutdown.
package struct MonitorServer: Service {
    let monitor: Monitor
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
        let redaction = Redaction(settings.redactedFields)
        let history = try History(
            settings,
            logger: logger,
            redact: { redaction.text($0) },
            route: { [catalogue = celery.configuration.catalogue] in catalogue.route(forTask: $0)?.name }
        )
        let broker = BrokerWatch(celery: celery, settings: settings, history: history, changes: changes)
        let (metrics, eventStream) = (EventMetrics(), EventStream())
        monitor = Monitor(
            settings: settings,
            celery: celery,
            history: history,
            fleet: Fleet(),
            broker: broker,
            inspector: Inspector(celery: celery, changes: changes),
            alerts: AlertWatch(settings.alerts, changes: changes, logger: logger),
            metrics: metrics,
            eventStream: eventStream,
            taps: [EventHub(metrics: metrics, stream: eventStream)],
            deadLetters: DeadLetters(celery: celery, broker: broker, changes: changes),
            changes: changes,
            shards: shards,
            logger: logger
        )
        self.logger = logger
        self.onReady = onReady
    }

    /// What works in the background. A new one is a line here; it runs until it is cancelled.
    private var parts: [MonitorPart] {
        let feed = EventFeed(
            celery: monitor.celery,
            history: monitor.history,
            fleet: monitor.fleet,
            taps: monitor.taps,
            changes: monitor.changes,
            settings: monitor.settings,
            logger: logger
        )
        return [
            MonitorPart(name: "events") { await feed.run() },
            MonitorPart(name: "alerts") { await monitor.alerts.run(monitor) },
            MonitorPart(name: "broker") { await monitor.broker.run() },
            MonitorPart(name: "counters") { await monitor.metricStore.run(monitor) },
        ]
    }

    package func run() async throws {
        let application = try await application()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in parts { group.addTask { await part.keepRunning(logger) } }
            defer { group.cancelAll() }
            try await application.run()
        }
    }

    /// One line for each endpoint: method, path, role.
    package func routes() async throws -> [String] {
        try await webServer().endpoints.map {
            "\($0.method.rawValue) \(monitor.settings.urlPrefix)\($0.path) \($0.role?.rawValue ?? "open")"
        }
    }

    private func webServer() async throws -> WebServer {
        let assets = try WebAssets(monitor.settings)
        return try WebServer(monitor: monitor, assets: assets, templates: try await Templates(assets))
    }

    private func application() async throws -> some ApplicationProtocol {
        let server = try await webServer()
        let settings = monitor.settings
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return Application(
            router: server.router(),
            configuration: .init(address: .hostname(settings.address, port: settings.port), serverName: nil),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? settings.port
                let host = settings.address.contains(":") ? "[\(settings.address)]" : settings.address
                await onReady("http://\(host):\(port)\(settings.urlPrefix)/")
            },
            logger: quiet
        )
    }
}
