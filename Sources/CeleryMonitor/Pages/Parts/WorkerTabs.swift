import CeleryProtocol
import OrderedCollections

/// What a worker did: its charts.
struct WorkerOverview: Sendable {
    var ranges: [TimeRange.Choice]
    var charts: [ChartModel]
    var facts: FactGroup
    var newest: [TaskLine]

    init(_ monitor: Monitor, _ worker: WorkerStatus, _ range: TimeRange) async throws {
        let now = Format.now
        let (from, to) = range.bounds(now: now)
        let filter = SeriesFilter(worker: worker.name)
        let buckets = try await monitor.history.series(from: from, to: to, step: range.step, filter)
        ranges = range.choices()
        charts = [.throughput(buckets, step: range.step, range), .latency(buckets, range)]
        let counts = worker.counts
        facts = FactGroup(
            "What its events tell",
            [
                ("Software", worker.software), ("Last heard", Format.time(worker.lastHeard, now: now).full),
                ("Heartbeat", "every \(Format.duration(worker.frequency))"),
                ("Its clock", Self.drift(worker.drift)), ("Received", Format.count(counts.received)),
                ("Started", Format.count(counts.started)), ("Succeeded", Format.count(counts.succeeded)),
                ("Failed", Format.count(counts.failed)), ("Retried", Format.count(counts.retried)),
                ("Revoked", Format.count(counts.revoked)), ("Rejected", Format.count(counts.rejected)),
            ]
        )
        let page = try await monitor.history.tasks(TaskFilter(worker: worker.name), after: nil, limit: 10)
        newest = page.tasks.map { TaskLine($0, now: now) }
    }

    private static func drift(_ drift: Double) -> String {
        drift.magnitude < 1
            ? "in step with ours" : "\(Format.duration(drift.magnitude)) \(drift > 0 ? "ahead" : "behind")"
    }
}

/// How large its pool is.
struct WorkerPool: Sendable {
    var poolSlots: String
    var canRestart = true

    init(_ report: WorkerReport?) { poolSlots = WorkerStats(report).slots.map(Format.count) ?? "unknown" }
}

/// The queues that it consumes.
struct WorkerQueues: Sendable {
    struct Line: Sendable {
        var queueName: String
        var queuePath: String
        var exchange: String
        var routingKey: String
        var queueFlags: String
        var queueArguments: String
    }

    var consumed: [Line]
    var isKnown: Bool

    init(_ report: WorkerReport?) {
        isKnown = report?.activeQueues != nil
        consumed = (report?.activeQueues ?? []).prefix(500).map { queue in
            let name = queue["name"]?.stringValue ?? "?"
            let exchange = queue["exchange"]
            let flags = ["durable", "exclusive", "auto_delete", "no_ack"].filter { queue[$0]?.boolValue == true }
            return Line(
                queueName: name,
                queuePath: "/queues/\(Format.path(name))",
                exchange: [exchange?["name"]?.stringValue, exchange?["type"]?.stringValue].compactMap { $0 }
                    .joined(separator: ", "),
                routingKey: queue["routing_key"].map(FactGroup.text) ?? "–",
                queueFlags: flags.isEmpty ? "–" : flags.joined(separator: ", ").replacing("_", with: "-"),
                queueArguments: queue["queue_arguments"].map(FactGroup.text) ?? "–"
            )
        }
    }
}

/// What runs there and waits there.
struct WorkerTasks: Sendable {
    struct Line: Sendable {
        var id: String
        var taskPath: String
        var taskName: String
        var arguments: String
        var when: String
        var pid: String
    }

    struct Kind: Sendable {
        var kindTitle: String
        var kindCount: String
        var kindEmpty: String
        var kindTasks: [Line]
        var canTerminate: Bool
        var isScheduled: Bool
    }

    var kinds: [Kind]
    var revokedIDs: [String]
    var revokedCount: String
    var isKnown: Bool

    private static let most = 100

    init(_ monitor: Monitor, _ report: WorkerReport?, now: Double) {
        isKnown = report?.active != nil
        func kind(
            _ title: String,
            _ empty: String,
            _ tasks: [CeleryValue]?,
            running: Bool,
            scheduled: Bool = false
        ) -> Kind {
            Kind(
                kindTitle: title,
                kindCount: Format.count(tasks?.count ?? 0),
                kindEmpty: empty,
                kindTasks: (tasks ?? []).prefix(Self.most).map { Self.line($0, monitor, now) },
                canTerminate: running,
                isScheduled: scheduled
            )
        }
        kinds = [
            kind("Running", "No task runs.", report?.active, running: true),
            kind("Reserved", "None is fetched and waits for a slot.", report?.reserved, running: false),
            kind("Scheduled", "None waits for its time here.", report?.scheduled, running: false, scheduled: true),
        ]
        let revoked = report?.revoked ?? []
        revokedIDs = revoked.suffix(Self.most).reversed().map { Format.short(FactGroup.text($0), 100) }
        revokedCount = Format.count(revoked.count)
    }

    private static func line(_ value: CeleryValue, _ monitor: Monitor, _ now: Double) -> Line {
        let task = value["request"] ?? value
        let id = task["id"]?.stringValue ?? "?"
        let start = task["time_start"]?.doubleValue.map { "for \(Format.duration(max(0, now - $0)))" }
        let eta = value["eta"]?.stringValue.map { "at \($0)" }
        return Line(
            id: id,
            taskPath: "/tasks/\(Format.path(id))",
            taskName: Format.short(task["name"]?.stringValue ?? "?", 200),
            arguments: arguments(task),
            when: start ?? eta ?? "–",
            pid: task["worker_pid"].map(FactGroup.text) ?? "–"
        )
    }

    private static func arguments(_ task: CeleryValue) -> String {
        let texts = ["args", "kwargs"].compactMap { key -> String? in
            guard let value = task[key], !value.isNull else { return nil }
            let text = value.stringValue ?? PythonRepr.repr(value, maxLength: 200)
            return ["()", "[]", "{}"].contains(text) ? nil : text
        }
        return Format.short(texts.joined(separator: " "), 240)
    }
}

/// The tasks that it can run, with their limits.
struct WorkerLimits: Sendable {
    struct Line: Sendable {
        var taskName: String
        var taskPath: String
        /// What `inspect registered` adds: `rate_limit=10/s`.
        var taskOptions: String
    }

    var registered: [Line]
    var isKnown: Bool

    init(_ report: WorkerReport?) {
        isKnown = report?.registered != nil
        registered = (report?.registered ?? []).prefix(1000).map { value in
            let text = value.stringValue ?? "?"
            let parts = text.split(separator: " [", maxSplits: 1)
            let name = String(parts.first ?? "?")
            return Line(
                taskName: Format.short(name, 300),
                taskPath: "/tasks?name=\(Format.query(name))",
                taskOptions: parts.count > 1 ? Format.short(String(parts[1].dropLast()), 200) : "–"
            )
        }
    }
}
