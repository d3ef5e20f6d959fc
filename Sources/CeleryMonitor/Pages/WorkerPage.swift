import CeleryProtocol
import OrderedCollections

/// One worker: what its events and its own word tell, and every way to steer it.
struct WorkerPage: Page {
    enum Tab: String, CaseIterable, Sendable {
        case overview, pool, queues, tasks, limits, configuration, system

        var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
    }

    struct Model: Sendable {
        var line: WorkerLine
        var problem: String?
        var figures: [Figure]
        var tabs: [TabLink]
        var canOperate: Bool
        var isAlive: Bool
        var overview: WorkerOverview?
        var pool: WorkerPool?
        var queueTab: WorkerQueues?
        var taskTab: WorkerTasks?
        var limitTab: WorkerLimits?
        var factGroups: [FactGroup]
    }

    struct TabLink: Sendable {
        var tabTitle: String
        var tabQuery: String
        var isCurrent: Bool
    }

    static let path = "/workers/:name"
    static let template = "worker"
    static let section: Section? = .workers

    private let name: String
    private let tab: Tab
    private let range: TimeRange
    private let canOperate: Bool

    init(_ request: PageRequest) throws(PageError) {
        name = try request.parameter("name")
        tab = request.value("tab").flatMap(Tab.init(rawValue:)) ?? .overview
        range = TimeRange(request)
        canOperate = !request.isReadOnly
    }

    var topics: Set<Topic> { [.workers, .every(seconds: 5)] }

    func title(_ model: Model) -> String { name }

    func model(_ monitor: Monitor) async throws -> Model {
        guard let worker = monitor.fleet.worker(name) else {
            throw PageError.notFound(
                "No worker \(name) has been heard of; it may send no events (-E), or was forgotten."
            )
        }
        let now = Format.now
        let (report, problem) = await report(monitor, worker)
        let stats = WorkerStats(report)
        return Model(
            line: WorkerLine(worker, report, now: now),
            problem: problem,
            figures: Self.figures(worker, stats, now),
            tabs: Tab.allCases.map {
                TabLink(
                    tabTitle: $0.title,
                    tabQuery: $0 == .overview ? "?" : "?tab=\($0.rawValue)",
                    isCurrent: $0 == tab
                )
            },
            canOperate: canOperate,
            isAlive: worker.isAlive,
            overview: tab == .overview ? try await WorkerOverview(monitor, worker, range) : nil,
            pool: tab == .pool ? WorkerPool(report) : nil,
            queueTab: tab == .queues ? WorkerQueues(report) : nil,
            taskTab: tab == .tasks ? WorkerTasks(monitor, report, now: now) : nil,
            limitTab: tab == .limits ? WorkerLimits(report) : nil,
            factGroups: Self.facts(tab, worker, report)
        )
    }

    private func report(_ monitor: Monitor, _ worker: WorkerStatus) async -> (WorkerReport?, String?) {
        let known = monitor.inspector.known[name]
        guard worker.isAlive else {
            let text = "It is not alive; what it said of itself is from "
            return (known, known.map { text + Format.time($0.asked).ago + "." })
        }
        do {
            let report = try await monitor.inspector.report(name, age: 4)
            return (
                report,
                report.stats == nil ? "It did not answer within a second: its control queue may be blocked." : nil
            )
        } catch {
            return (known, "It could not be asked: \(error)")
        }
    }

    private static func figures(_ worker: WorkerStatus, _ stats: WorkerStats, _ now: Double) -> [Figure] {
        let active = worker.isAlive ? max(0, worker.active ?? 0) : 0
        return [
            Figure(
                "Running",
                stats.slots.map { "\(Format.count(active)) / \(Format.count($0))" } ?? Format.count(active),
                under: stats.slots == nil ? "tasks" : "of its slots"
            ),
            Figure("Processed", worker.processed.map(Format.count) ?? "–", under: "since it began"),
            Figure(
                "Failed",
                Format.count(worker.counts.failed),
                under: "of \(Format.count(worker.counts.failed + worker.counts.succeeded)) seen",
                path: "/tasks?state=FAILURE&worker=\(Format.query(worker.name))"
            ),
            Figure("Load", worker.load.first.map { Format.short("\($0)", 6) } ?? "–", under: "of its machine, 1 min"),
            Figure("Memory", stats.memory.map(Format.bytes) ?? "–", under: "at most"),
            Figure(
                "Up for",
                stats.uptime.map { Format.duration(Double($0)) } ?? "–",
                under: "pid \(worker.pid.map(String.init) ?? "–")"
            ),
        ]
    }

    private static func facts(_ tab: Tab, _ worker: WorkerStatus, _ report: WorkerReport?) -> [FactGroup] {
        switch tab {
        case .pool:
            return [
                FactGroup("Pool", report?.stats?["pool"]?.mapValue),
                FactGroup("Autoscaler", report?.stats?["autoscaler"]?.mapValue),
                FactGroup("Broker connection", report?.stats?["broker"]?.mapValue),
            ].compactMap { $0 }
        case .configuration:
            return [FactGroup("Configuration", report?.configuration?.filter { !$0.value.isNull })].compactMap { $0 }
        case .system:
            let shown: Set = ["pool", "broker", "rusage", "total", "autoscaler"]
            return [
                FactGroup("Resources used", report?.stats?["rusage"]?.mapValue),
                FactGroup("Runs by task", report?.stats?["total"]?.mapValue),
                FactGroup("Other", report?.stats?.filter { !shown.contains($0.key) }),
            ].compactMap { $0 }
        default:
            return []
        }
    }
}
