import CeleryProtocol
import Connections
import OrderedCollections
import Synchronization

/// `stats`: what the worker is, has done and uses (`celery/worker/worker.py`, `stats`).
struct StatsCommand: ControlCommand {
    static let names = ["stats"]

    func run(on core: WorkerCore) -> CeleryValue? {
        var stats: CeleryMap = [
            "total": .map(Self.totals(core)),
            "pid": .int(Int(core.celery.processID)),
            "clock": .string(String(core.clock.value)),
            "uptime": .int(Self.uptime(core)),
            "pool": .map(PoolStats.value(core)),
        ]
        if let autoscaler = core.controls.autoscaler(core) { stats["autoscaler"] = autoscaler.value }
        stats["broker"] = .map(BrokerStats.value(core))
        stats["prefetch_count"] = .int(Self.prefetch(core))
        stats["rusage"] = ProcessUsage.current.map { .map(Self.usage($0)) } ?? "N/A"
        stats["chard"] = .map(Self.own(core))
        return .map(stats)
    }

    /// How many runs of each task have begun, of those that have.
    private static func totals(_ core: WorkerCore) -> CeleryMap {
        var totals: CeleryMap = [:]
        for task in core.celery.registry.all.sorted(by: { $0.name < $1.name }) {
            let count = task.acceptedCount.load(ordering: .relaxed)
            if count > 0 { totals[task.name] = .int(count) }
        }
        return totals
    }

    /// Whole seconds.
    private static func uptime(_ core: WorkerCore) -> Int {
        let nanoseconds = MonotonicTime.now.nanoseconds(since: core.controlState.startedAt)
        return Int((Double(nanoseconds) / 1e9).rounded())
    }

    /// Over all queues; 0 for no limit.
    private static func prefetch(_ core: WorkerCore) -> Int {
        let counts = core.controls.prefetchCounts(core)
        return counts.contains(0) ? 0 : counts.reduce(0, +)
    }

    /// What Celery has no word for.
    private static func own(_ core: WorkerCore) -> CeleryMap {
        let counts = core.runners.counts
        let stuck = core.stuck.all.map { CeleryValue.map(["id": .string($0.id), "name": .string($0.task)]) }
        return [
            "running": .int(counts.running), "waiting": .int(counts.waiting), "threads": .int(counts.threads),
            "stuck": .array(stuck), "events-dropped": .int(core.events.droppedCount.load(ordering: .relaxed)),
            "duplicates": .int(core.totals.duplicates.load(ordering: .relaxed)), "machine": .map(Machine.size),
        ]
    }

    private static func usage(_ usage: ProcessUsage) -> CeleryMap {
        var map: CeleryMap = ["utime": .double(usage.userTime), "stime": .double(usage.systemTime)]
        for (name, value) in usage.counts { map[name] = .int(value) }
        return map
    }
}
