import CeleryProtocol
import Synchronization

/// Gives events the names of their tasks and passes them on to the metrics and to those who read `/api/events`.
final class EventHub: EventTap {
    private let tasks = Mutex(TasksInFlight())
    private let metrics: EventMetrics
    private let stream: EventStream

    init(metrics: EventMetrics, stream: EventStream) {
        self.metrics = metrics
        self.stream = stream
    }

    func observe(_ events: [CeleryMap]) {
        let named = tasks.withLock { tasks in events.compactMap { tasks.named($0) } }
        metrics.count(named)
        stream.send(named)
    }
}
