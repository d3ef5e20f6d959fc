import CeleryProtocol
import OrderedCollections
import Synchronization

/// The pool's part of `stats`, with the keys of Celery's process pool (`celery/concurrency/prefork.py`).
enum PoolStats {
    static func value(_ core: WorkerCore) -> CeleryMap {
        let children = core.controls.childProcesses(core)
        return [
            "implementation": "chard.concurrency.runners:TaskPool",
            "max-concurrency": .int(core.controls.poolSize(core)),
            "processes": .array(([core.celery.processID] + children).map { .int(Int($0)) }),
            "max-tasks-per-child": core.configuration.worker.maxTasksPerChild.map(CeleryValue.int) ?? "N/A",
            "put-guarded-by-semaphore": false,
            "timeouts": timeouts(core),
            "writes": .map(writes(core)),
        ]
    }

    /// Soft and hard limit in seconds where all queues have the same, 0 for none.
    private static func timeouts(_ core: WorkerCore) -> CeleryValue {
        let queues = core.controls.consumedQueues(core)
        func common(_ limit: (QueueSettings) -> Duration?) -> CeleryValue {
            let limits = Set(queues.map(limit))
            guard limits.count == 1, let only = limits.first, let only else { return 0 }
            let seconds = only.secondsValue
            return seconds == seconds.rounded() ? .int(Int(seconds)) : .double(seconds)
        }
        return [common(\.softTimeLimit), common(\.timeLimit)]
    }

    /// How the runs were spread over the processes: all of them began in this one.
    private static func writes(_ core: WorkerCore) -> CeleryMap {
        let total = core.celery.registry.all.reduce(0) { $0 + $1.acceptedCount.load(ordering: .relaxed) }
        let share: CeleryValue = total == 0 ? "0.00" : "1.00"
        return [
            "total": .int(total), "avg": share, "all": share, "raw": .string(String(total)), "strategy": "fair",
            "inqueues": ["total": 1, "active": .int(core.running.count > 0 ? 1 : 0)],
        ]
    }
}
