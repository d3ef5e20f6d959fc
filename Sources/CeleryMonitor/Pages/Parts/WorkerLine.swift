import CeleryProtocol
import OrderedCollections

/// A worker as a row of a table.
struct WorkerLine: Sendable {
    var workerName: String
    var path: String
    var state: String
    /// A class of style.css.
    var stateClass: String
    var pool: String?
    var active: Int
    var activeText: String
    var slots: Int?
    var processed: String
    var failed: String
    var succeeded: String
    var retried: String
    var load: String
    var memory: String?
    var version: String
    var heard: FormattedTime
    var drift: String?
    var isDead: Bool
    var failedPath: String

    /// - Parameter report: What the worker itself has said, if it was asked.
    init(_ worker: WorkerStatus, _ report: WorkerReport?, now: Double) {
        let stats = WorkerStats(report)
        workerName = worker.name
        path = "/workers/\(Format.path(worker.name))"
        (state, stateClass) =
            worker.isAlive ? ("online", "good") : worker.isOffline ? ("offline", "off") : ("lost", "critical")
        isDead = !worker.isAlive
        pool = stats.pool
        let running = worker.isAlive ? max(0, worker.active ?? 0) : 0
        active = running
        slots = worker.isAlive ? stats.slots : nil
        activeText = slots.map { "\(Format.count(running)) / \(Format.count($0))" } ?? Format.count(running)
        processed = Format.count(worker.processed ?? worker.counts.succeeded + worker.counts.failed)
        failed = Format.count(worker.counts.failed)
        succeeded = Format.count(worker.counts.succeeded)
        retried = Format.count(worker.counts.retried)
        load = worker.load.prefix(3).map { Self.twoDigits($0) }.joined(separator: " ")
        memory = stats.memory.map(Format.bytes)
        version = worker.software.map { Format.short($0, 40) } ?? "–"
        heard = Format.time(worker.lastHeard, now: now)
        if worker.drift.magnitude >= 2 {
            drift = "clock \(Format.duration(worker.drift.magnitude)) \(worker.drift > 0 ? "ahead" : "behind")"
        }
        failedPath = "/tasks?state=FAILURE&worker=\(Format.query(worker.name))"
    }

    private static func twoDigits(_ value: Double) -> String {
        let hundredths = Int(min(max(value * 100, 0), 1e9).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}

/// What of a worker's `stats` pages show; nil where it did not say, or said something else than is usual.
struct WorkerStats: Sendable {
    var pool: String?
    var slots: Int?
    /// Bytes of its memory at most; `ru_maxrss` is in KiB on Linux.
    var memory: Int?
    var prefetch: Int?
    var uptime: Int?

    init(_ report: WorkerReport?) {
        guard let stats = report?.stats else { return }
        let pool = stats["pool"]
        self.pool = pool?["implementation"]?.stringValue.map(Self.poolName)
        slots = pool?["max-concurrency"]?.intValue.flatMap { (0...1_000_000).contains($0) ? $0 : nil }
        memory = stats["rusage"]?["maxrss"]?.intValue.flatMap { (1...(1 << 40)).contains($0) ? $0 * 1024 : nil }
        prefetch = stats["prefetch_count"]?.intValue
        uptime = stats["uptime"]?.intValue
    }

    /// `prefork` of `celery.concurrency.prefork:TaskPool`.
    private static func poolName(_ implementation: String) -> String {
        let module = implementation.split(separator: ":").first ?? ""
        return String((module.split(separator: ".").last ?? "").prefix(40))
    }
}
