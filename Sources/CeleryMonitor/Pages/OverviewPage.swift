/// The whole at a glance: whether the system is well, and if not, where to look.
struct OverviewPage: Page {
    struct Model: Sendable {
        var verdict: Verdict
        var figures: [Figure]
        var ranges: [TimeRange.Choice]
        var charts: [ChartModel]
        var queues: [QueueLine]
        var queueNote: String?
        var slowest: [NameLine]
        var workers: [WorkerLine]
        var workerNote: String
        var failures: [TaskLine]
        var range: String
    }

    struct QueueLine: Sendable {
        var queueName: String
        var path: String
        var ready: String
        var unacknowledged: String
        var consumers: String
        var spark: String
        var isBad: Bool
    }

    /// A task's name with its figures.
    struct NameLine: Sendable {
        var taskName: String
        var path: String
        var runs: String
        var failed: String
        var failedPath: String
        var share: String
        var isBad: Bool
        var p95: String
    }

    static let path = "/"
    static let template = "overview"
    static let section: Section? = .overview

    private let range: TimeRange

    init(_ request: PageRequest) throws(PageError) { range = TimeRange(request) }

    var topics: Set<Topic> { [.workers, .tasks, .queues, .alerts, .every(seconds: 5)] }

    func title(_ model: Model) -> String { model.verdict.verdictTitle }

    private static func workerNote(_ count: Int) -> String {
        switch count {
        case 0: "No worker has been heard of yet."
        case 1: "The one worker is well."
        default: "All \(Format.count(count)) are well."
        }
    }

    func model(_ monitor: Monitor) async throws -> Model {
        let now = Format.now
        let (from, to) = range.bounds(now: now)
        let buckets = try await monitor.history.series(from: from, to: to, step: range.step)
        let depths = try await monitor.history.depths(from: from, to: to, step: range.step, queue: nil)
            .filter { !QueueNaming.isInternal($0.queue) }
        let times = stride(from: from, to: to, by: range.step).map { $0 }
        let failures = try await monitor.history.tasks(TaskFilter(states: ["FAILURE"]), after: nil, limit: 8)
        let workers = monitor.fleet.workers
        let troubled = workers.filter { !$0.isAlive || $0.counts.failed > 0 || $0.drift.magnitude > 5 }
            .sorted { ($0.isAlive ? 1 : 0, -$0.counts.failed) < ($1.isAlive ? 1 : 0, -$1.counts.failed) }
        return Model(
            verdict: Verdict(monitor, findings: await findings(monitor), now: now),
            figures: try await figures(monitor, buckets, workers, now),
            ranges: range.choices(),
            charts: [
                .throughput(buckets, step: range.step, range), .latency(buckets, range),
                .depths(depths, times: times, step: range.step, range),
            ],
            queues: queues(monitor, depths),
            queueNote: monitor.broker.picture.problem,
            slowest: try await names(monitor, from: from, to: to),
            workers: troubled.prefix(8).map { WorkerLine($0, nil, now: now) },
            workerNote: Self.workerNote(workers.count),
            failures: failures.tasks.map { TaskLine($0, now: now) },
            range: range.words
        )
    }

    private func figures(
        _ monitor: Monitor,
        _ buckets: [SeriesBucket],
        _ workers: [WorkerStatus],
        _ now: Double
    ) async throws -> [Figure] {
        // The counts of 10 seconds are the finest; the last of them is not over yet.
        let since = (now / 10).rounded(.down) * 10 - 50
        let minute = try await monitor.history.series(from: since, to: now, step: 10)
        let ended = minute.reduce(0) { $0 + $1.succeeded + $1.failed }
        let failed = buckets.reduce(0) { $0 + $1.failed }
        let all = buckets.reduce(failed) { $0 + $1.succeeded }
        let share = all == 0 ? 0 : Double(failed) / Double(all)
        let newest = buckets.last { $0.runtime != nil }
        let alive = workers.count(where: \.isAlive)
        let picture = monitor.broker.picture
        let queues = picture.queues.filter { !QueueNaming.isInternal($0.name) }
        let ready = queues.reduce(0) { $0 + $1.ready }
        let unacknowledged = queues.reduce(0) { $0 + $1.unacknowledged }
        let oldest = queues.compactMap(\.oldest).min()
        let isBrokerKnown = picture.time > 0
        return [
            Figure("Throughput", Format.rate(Double(ended) / max(1, now - since)), under: "ended, last minute"),
            Figure(
                "Failures",
                Format.percent(share),
                under: "\(Format.count(failed)) of \(Format.count(all)), \(range.rawValue)",
                kind: share > 0.05 ? "critical" : share > 0.01 ? "warning" : "",
                path: "/tasks?state=FAILURE"
            ),
            Figure(
                "Run time p95",
                newest?.runtime.map { Format.duration($0.p95) } ?? "–",
                under: newest == nil
                    ? "nothing has run" : newest?.waiting.map { "waited \(Format.duration($0.p95))" } ?? "newest"
            ),
            Figure(
                "Messages in queues",
                isBrokerKnown ? Format.count(ready + unacknowledged) : "–",
                under: !isBrokerKnown
                    ? "the broker has not told"
                    : oldest.map { "oldest \(Format.duration(max(0, now - $0)))" } ?? "\(Format.count(ready)) ready",
                path: "/queues"
            ),
            Figure(
                "Workers alive",
                Format.count(alive),
                under: "of \(Format.count(workers.count)), "
                    + "\(Format.number(workers.filter(\.isAlive).compactMap(\.active).reduce(0, +), "task")) running",
                kind: alive == 0 ? "critical" : alive < workers.count ? "warning" : "",
                path: "/workers"
            ),
        ]
    }

    private func queues(_ monitor: Monitor, _ depths: [QueueSample]) -> [QueueLine] {
        var lines: [String: [Double?]] = [:]
        for sample in depths { lines[sample.queue, default: []].append(Double(sample.ready + sample.unacknowledged)) }
        return monitor.broker.picture.queues
            .filter { queue in
                guard !QueueNaming.isInternal(queue.name) else { return false }
                return queue.ready + queue.unacknowledged > 0 || !QueueNaming.isDeadLetter(queue.name)
            }
            .sorted { ($0.ready + $0.unacknowledged, $1.name) > ($1.ready + $1.unacknowledged, $0.name) }
            .prefix(8)
            .map { queue in
                let isBad = queue.ready > 0 && queue.consumers == 0
                return QueueLine(
                    queueName: queue.name,
                    path: "/queues/\(Format.path(queue.name))",
                    ready: Format.count(queue.ready),
                    unacknowledged: Format.count(queue.unacknowledged),
                    consumers: Format.count(queue.consumers),
                    spark: Sparkline.svg(lines[queue.name] ?? [], label: "depth of \(queue.name), \(range.words)"),
                    isBad: isBad
                )
            }
    }

    /// The names that failed most, then those that took longest.
    private func names(_ monitor: Monitor, from: Double, to: Double) async throws -> [NameLine] {
        try await monitor.history.totals(from: from, to: to, step: range.step).prefix(8).map { name, bucket in
            let ended = bucket.succeeded + bucket.failed
            let share = ended == 0 ? 0 : Double(bucket.failed) / Double(ended)
            let query = Format.query(name)
            return NameLine(
                taskName: name,
                path: "/tasks?name=\(query)",
                runs: Format.count(ended),
                failed: Format.count(bucket.failed),
                failedPath: "/tasks?state=FAILURE&name=\(query)",
                share: Format.percent(share),
                isBad: share > 0.05,
                p95: bucket.runtime.map { Format.duration($0.p95) } ?? "–"
            )
        }
    }
}
