import Connections
import Logging
import Synchronization

/// Looks at the work now and then and lets the pool follow it.
struct AutoscaleWatch {
    private static let busyInterval: Int64 = 100_000_000
    private var lastGrowth = MonotonicTime.now
    private var nextLook = MonotonicTime(nanoseconds: 0)

    /// Returns when it wants to be called again.
    mutating func turn(_ now: MonotonicTime, _ core: WorkerCore) -> MonotonicTime {
        guard let autoscale = core.poolState.withLock({ $0.autoscale }) else { return .distantFuture }
        guard now >= nextLook else { return nextLook }
        let counts = core.runners.counts
        let (size, tasks) = (core.poolSize, counts.running + counts.waiting)
        if let next = autoscale.nextSize(size: size, tasks: tasks, sinceGrowth: now.nanoseconds(since: lastGrowth)) {
            if next > size { lastGrowth = now }
            core.logger.info("Scaling \(next > size ? "up" : "down") \(abs(next - size)) to \(next) tasks at once.")
            core.setPoolSize(next)
        }
        // Deliveries wake the thread by themselves; only shrinking needs a look at a time.
        let isAtRest = tasks == 0 && core.poolSize <= autoscale.minimum
        nextLook = now.advanced(byNanoseconds: Self.busyInterval)
        return isAtRest ? .distantFuture : nextLook
    }
}
