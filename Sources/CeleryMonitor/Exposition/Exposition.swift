import Connections
import Foundation

/// What `/metrics` answers: Flower's families, and what Chard knows beside.
struct Exposition: Sendable {
    let monitor: Monitor
    /// Seconds after which a worker that is not alive any more disappears (flower#1128).
    static let silence = 300.0
    /// Queues that have samples of their own at most; the fullest first.
    static let maxQueues = 1000

    func text() async -> [UInt8] {
        let workers = monitor.fleet.workers
        let alive = Set(workers.filter(\.isAlive).map(\.name))
        monitor.metrics.forget(silentFor: Self.silence) { alive.contains($0) }
        let state = monitor.metrics.snapshot
        var text = PrometheusText(reserving: 4096 + state.series * 2600)
        state.write(to: &text)
        write(workers, to: &text)
        writeQueues(to: &text)
        await writeMonitor(state, to: &text)
        Self.writeProcess(to: &text)
        return text.bytes
    }

    private func write(_ workers: [WorkerStatus], to text: inout PrometheusText) {
        let now = Date().timeIntervalSince1970
        let shown = workers.filter { $0.isAlive || now - $0.lastHeard < Self.silence }.prefix(10_000)
        text.family("flower_worker_online", .gauge, "Worker online status")
        for worker in shown { text.sample([("worker", worker.name)], worker.isAlive ? 1 : 0) }
        text.family(
            "flower_worker_number_of_currently_executing_tasks",
            .gauge,
            "Number of tasks currently executing at a worker"
        )
        for worker in shown {
            if let active = worker.active { text.sample([("worker", worker.name)], Double(active)) }
        }
        text.family("chard_workers", .gauge, "Workers by state: alive, offline (said goodbye) or lost (fell silent)")
        let alive = workers.filter(\.isAlive).count
        let offline = workers.filter { !$0.isAlive && $0.isOffline }.count
        text.sample([("state", "alive")], Double(alive))
        text.sample([("state", "offline")], Double(offline))
        text.sample([("state", "lost")], Double(workers.count - alive - offline))
    }

    private func writeQueues(to text: inout PrometheusText) {
        let picture = monitor.broker.picture
        let queues = picture.queues.sorted { $0.ready + $0.unacknowledged > $1.ready + $1.unacknowledged }
            .prefix(Self.maxQueues)
        text.family("chard_queue_messages", .gauge, "Messages in a queue, ready or delivered and not acknowledged")
        for queue in queues {
            text.sample([("queue", queue.name), ("state", "ready")], Double(queue.ready))
            text.sample([("queue", queue.name), ("state", "unacked")], Double(queue.unacknowledged))
        }
        text.family("chard_queue_consumers", .gauge, "Consumers of a queue")
        for queue in queues { text.sample([("queue", queue.name)], Double(queue.consumers)) }
        text.family("chard_queue_oldest_message_seconds", .gauge, "Age of the message at a queue's head, where known")
        let now = Date().timeIntervalSince1970
        for queue in queues {
            if let oldest = queue.oldest { text.sample([("queue", queue.name)], max(0, now - oldest)) }
        }
        text.family("chard_broker_up", .gauge, "Whether the broker's management API answers")
        text.sample([], picture.time > 0 && picture.problem == nil ? 1 : 0)
        text.family("chard_broker_alarms", .gauge, "Alarms in force at the broker")
        text.sample([], Double(picture.alarms.count))
    }

    private func writeMonitor(_ state: EventMetrics.State, to text: inout PrometheusText) async {
        text.family("chard_alerts_firing", .gauge, "Alerts that fire, by severity")
        let firing = monitor.alerts.firing
        for severity in [Finding.Severity.note, .warning, .critical] {
            let count = firing.filter { $0.severity == severity }.count
            text.sample([("severity", "\(severity)")], Double(count))
        }
        text.family("chard_monitor_events_total", .counter, "Events that this monitor has taken in")
        text.sample([], Double(state.events))
        text.family("chard_monitor_series", .gauge, "Pairs of worker and task that are counted")
        text.sample([], Double(state.series))
        text.family("chard_monitor_writer", .gauge, "Whether this monitor writes the history")
        text.sample([], monitor.history.isWriter ? 1 : 0)
        guard let size = try? await monitor.history.size() else { return }
        text.family("chard_monitor_events_dropped_total", .counter, "Events that came faster than they were stored")
        text.sample([], Double(size.dropped))
        text.family("chard_history_tasks", .gauge, "Tasks in the history")
        text.sample([], Double(size.tasks))
        text.family("chard_history_bytes", .gauge, "Size of the history on disk")
        text.sample([], Double(size.bytes))
    }

    /// With the names that Prometheus' client libraries give them.
    private static func writeProcess(to text: inout PrometheusText) {
        if let usage = ProcessUsage.current {
            text.family("process_cpu_seconds_total", .counter, "Total user and system CPU time spent in seconds.")
            text.sample([], usage.userTime + usage.systemTime)
        }
        if let bytes = ProcessUsage.residentBytes {
            text.family("process_resident_memory_bytes", .gauge, "Resident memory size in bytes.")
            text.sample([], Double(bytes))
        }
        text.family("process_start_time_seconds", .gauge, "Start time of the process since unix epoch in seconds.")
        text.sample([], started)
        if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            text.family("process_open_fds", .gauge, "Number of open file descriptors.")
            text.sample([], Double(files.count))
        }
    }

    /// When this was first asked for: `Monitor` does that as it begins.
    static let started = Date().timeIntervalSince1970
}
