import CeleryProtocol
import OrderedCollections

/// What is counted of one task on one worker.
struct TaskSeries: Sendable, Hashable {
    /// Celery's task events, in their order; another type counts as the last.
    static let types = [
        "task-sent", "task-received", "task-started", "task-succeeded", "task-failed", "task-retried", "task-revoked",
        "task-rejected", "task-cancelled", "task-other",
    ]
    static let indexOfType = Dictionary(uniqueKeysWithValues: zip(types, types.indices))

    /// Seconds; those of Flower, which are prometheus_client's `Histogram.DEFAULT_BUCKETS`.
    static let bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, Double.infinity]

    /// Of events by their type.
    var events = [Int](repeating: 0, count: types.count)
    /// Runs by their time; each in the first bucket that takes it.
    var runs = [Int](repeating: 0, count: bounds.count)
    /// Seconds of all runs.
    var runtime = 0.0
    /// Of the last task that began here: from received to started; 0 when it has ended.
    var prefetchTime: Double?
    /// Received and not started.
    var prefetched: Int?
    /// `task="…",worker="…"`.
    var labels: [UInt8]

    init(worker: String, task: String) {
        labels = PrometheusText.labels([("task", task), ("worker", worker)])
    }

    var total: Int { events.reduce(0, +) }

    /// As `PrometheusMetrics.observe_task` (`flower/events.py`).
    mutating func count(_ event: NamedEvent) {
        events[Self.indexOfType[event.type] ?? Self.types.count - 1] += 1
        if let seconds = event.event["runtime"]?.doubleValue, seconds > 0, seconds.isFinite {
            runs[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count - 1] += 1
            runtime += seconds
        }
        guard let task = event.task, !task.isScheduled, let received = task.received else { return }
        switch event.type {
        case "task-received": prefetched = (prefetched ?? 0) + 1
        case "task-started":
            prefetchTime = task.started.map { max(0, $0 - received) }
            prefetched = max(0, (prefetched ?? 0) - 1)
        case "task-succeeded", "task-failed": if task.started != nil { prefetchTime = 0 }
        case "task-revoked", "task-rejected":
            if task.started == nil { prefetched = max(0, (prefetched ?? 0) - 1) }
        default: break
        }
    }
}
