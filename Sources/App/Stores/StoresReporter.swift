import CeleryMonitor
import CeleryWorker
import Foundation
import Sharding
import Synchronization
import TenantStore

/// What the stores hold, for the monitor's page Shards; asked at most every few seconds, however many look.
final class StoresReporter: ShardsReporter {
    private struct State {
        var report: ShardsReport?
        var time = ContinuousClock.now
        var work: Task<ShardsReport, Never>?
    }

    private static let age = Duration.seconds(8)

    private let layout: TenantLayout?
    private let vectors: Vectors?
    private let state = Mutex(State())

    /// Nil when the settings name no store.
    init?(_ configuration: WorkerConfiguration) {
        layout = configuration.section(ShardSettings.self).layout
        // Throws only when no store is named.
        vectors = try? configuration.vectors(logger: .errorsOnly)
        if layout == nil, vectors == nil { return nil }
    }

    func report() async -> ShardsReport {
        let (known, work) = state.withLock { state -> (ShardsReport?, Task<ShardsReport, Never>?) in
            if let report = state.report, ContinuousClock.now - state.time < Self.age { return (report, nil) }
            if let running = state.work { return (nil, running) }
            let new = Task { await self.ask() }
            state.work = new
            return (nil, new)
        }
        if let known { return known }
        return await work?.value ?? ShardsReport(servers: [], tables: [])
    }

    private func ask() async -> ShardsReport {
        async let postgres = askPostgres()
        async let stores = askVectors()
        let (one, other) = (await postgres, await stores)
        let report = ShardsReport(servers: one.servers + other.servers, tables: one.tables + other.tables)
        state.withLock { state in
            state.report = report
            state.time = .now
            state.work = nil
        }
        return report
    }

    private func askPostgres() async -> ShardsReport {
        guard let layout else { return ShardsReport(servers: [], tables: []) }
        let found = await ShardStatus.all(of: layout, exact: false, logger: .errorsOnly)
        let partitions = found.flatMap { status in
            status.partitions.map {
                [$0.name, status.server, "\($0.first)–\($0.last)", $0.rows.formatted(), Self.bytes($0.bytes)]
            }
        }
        let moves = found.flatMap { status in status.moves.map { ["\($0.range)", status.server, $0.target, $0.phase] } }
        return ShardsReport(
            servers: found.map(Self.server),
            tables: [
                .init(
                    title: "Partitions of tenants' rows",
                    columns: ["Partition", "Server", "Tenants", "Rows, about", "Size"],
                    rows: partitions
                ),
                .init(title: "Unfinished moves", columns: ["Tenants", "From", "To", "Phase"], rows: moves),
            ]
        )
    }

    private static func server(_ status: ShardStatus) -> ShardsReport.Server {
        let bytes = status.partitions.reduce(0) { $0 + $1.bytes }
        let rows = status.partitions.reduce(0) { $0 + $1.rows }
        let ranges = status.ranges.map {
            ("Tenants \($0.range)", $0.state == "moved" ? "moved to \($0.owner)" : $0.state)
        }
        return .init(
            name: status.server,
            kind: "PostgreSQL",
            address: status.url,
            problem: status.problem,
            facts: status.problem != nil
                ? []
                : ranges + [
                    ("Partitions", "\(status.partitions.count)"), ("Rows, about", rows.formatted()),
                    ("Size", Self.bytes(bytes)), ("Schema", "version \(status.schemaVersion)"),
                ]
        )
    }

    private func askVectors() async -> ShardsReport {
        guard let vectors else { return ShardsReport(servers: [], tables: []) }
        let status: VectorStatus
        do {
            status = try await VectorStatus.of(vectors)
        } catch {
            let problem = "the layout of the vector stores can't be read: \(error)"
            let server = ShardsReport.Server(name: "vectors", kind: "Redis", address: "", problem: problem, facts: [])
            return ShardsReport(servers: [server], tables: [])
        }
        let layout =
            status.pending.map { "\(status.inForce); being changed to \($0)" }
            ?? (status.wanted == status.inForce
                ? "\(status.inForce)" : "\(status.inForce); the settings say \(status.wanted)")
        return ShardsReport(
            servers: status.stores.map { Self.server($0, layout) },
            tables: [
                .init(
                    title: "Collections of vectors",
                    columns: ["Collection", "Store", "Points", "Dimension", "Metric", "Place"],
                    rows: status.stores.flatMap { store in store.collections.map { Self.row($0, store) } }
                )
            ]
        )
    }

    private static func server(_ store: VectorStatus.Store, _ layout: String) -> ShardsReport.Server {
        let points = store.collections.reduce(0) { $0 + $1.points }
        return .init(
            name: store.name,
            kind: store.address.hasPrefix("qdrant")
                ? "Qdrant" : store.address.hasPrefix("chroma") ? "Chroma" : "vectors",
            address: store.address,
            problem: store.problem,
            facts: store.problem != nil
                ? []
                : [("Collections", "\(store.collections.count)"), ("Points", points.formatted()), ("Routing", layout)]
        )
    }

    private static func row(_ collection: VectorStatus.Collection, _ store: VectorStatus.Store) -> [String] {
        [
            collection.name, store.name, collection.points.formatted(), collection.dimension.map { "\($0)" } ?? "?",
            collection.metric.rawValue,
            collection.belongsHere ? (collection.isSpread ? "spread" : "its own") : "belongs elsewhere",
        ]
    }

    private static func bytes(_ count: Int) -> String { Int64(count).formatted(.byteCount(style: .memory)) }
}
