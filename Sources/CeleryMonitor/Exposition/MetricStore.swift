import Logging
import Synchronization

/// Keeps the counters of `/metrics` in the history's database, so that they go on where they were after a restart.
///
/// Only the monitor that writes the history writes them; another one counts from what was there when it began.
final class MetricStore: Sendable {
    private static let pause = Duration.seconds(5)

    private let isLoaded = Mutex(false)

    /// Reads what is there, then writes what is new again and again, and once more when it is cancelled.
    func run(_ monitor: Monitor) async {
        await load(monitor)
        while (try? await Task.sleep(for: Self.pause)) != nil { await save(monitor) }
        // The task is cancelled: what is left is written by one that is not.
        await Task { await save(monitor) }.value
    }

    private func load(_ monitor: Monitor) async {
        do {
            let (rows, events) = try await monitor.history.metrics()
            monitor.metrics.restore(rows, events: events)
            isLoaded.withLock { $0 = true }
        } catch {
            monitor.logger.error("reading the counters of /metrics: \(error); they begin at 0")
        }
    }

    /// Writes what was counted since the last time. Nothing is written before the old counters are there: they would
    /// be overwritten by smaller ones.
    func save(_ monitor: Monitor) async {
        guard monitor.history.isWriter, isLoaded.withLock({ $0 }) else { return }
        let changes = monitor.metrics.takeUnsaved()
        guard !changes.isEmpty else { return }
        do {
            try await monitor.history.add(changes)
        } catch {
            monitor.metrics.keepUnsaved(changes)
            monitor.logger.error("storing the counters of /metrics: \(error)")
        }
    }
}
