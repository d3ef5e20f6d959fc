import CeleryWorker
import Logging

/// What the monitor knows and can do: the four sources, the history, and those who listen. Pages, APIs, alerts and
/// actions get it and nothing else.
package struct Monitor: Sendable {
    let settings: MonitorSettings
    let celery: Celery
    /// The events of the past, on disk.
    let history: History
    /// The workers, by their events.
    let fleet: Fleet
    /// The broker's own figures.
    let broker: BrokerWatch
    /// The workers' own word.
    let inspector: Inspector
    let alerts: AlertWatch
    /// What events count for `/metrics`.
    let metrics: EventMetrics
    let metricStore = MetricStore()
    /// What Flower's API shows of all workers at once.
    let workerCatalogue = WorkerCatalogue()
    /// Those who read `/api/events`.
    let eventStream: EventStream
    /// See every event as it comes; called by the event feed.
    let taps: [any EventTap]
    /// The messages that could not be run.
    let deadLetters: DeadLetters
    /// Announces changes to live pages.
    let changes: ChangeHub
    /// Tenants, partitions and vector stores; nil: none are configured.
    let shards: (any ShardsReporter)?
    let logger: Logger
}

/// Tells of the stores behind the tasks, for the page Shards.
package protocol ShardsReporter: Sendable {
    /// Asks every store; one that does not answer is part of the report.
    func report() async -> ShardsReport
}

/// The stores as they are at this moment.
package struct ShardsReport: Sendable {
    package struct Server: Sendable {
        package var name: String
        /// `PostgreSQL`, `Chroma`, `Qdrant`.
        package var kind: String
        /// Without credentials.
        package var address: String
        /// Why it could not be asked.
        package var problem: String?
        /// Label and value, e.g. `tenants` and `1–1000`.
        package var facts: [(label: String, value: String)]

        package init(
            name: String,
            kind: String,
            address: String,
            problem: String?,
            facts: [(label: String, value: String)]
        ) {
            self.name = name
            self.kind = kind
            self.address = address
            self.problem = problem
            self.facts = facts
        }
    }

    package struct Table: Sendable {
        package var title: String
        package var columns: [String]
        package var rows: [[String]]

        package init(title: String, columns: [String], rows: [[String]]) {
            self.title = title
            self.columns = columns
            self.rows = rows
        }
    }

    package var servers: [Server]
    package var tables: [Table]

    package init(servers: [Server], tables: [Table]) {
        self.servers = servers
        self.tables = tables
    }
}
