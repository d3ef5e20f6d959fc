import Connections
import Synchronization

/// A pool that scales itself, as remote control sees it (`celery/worker/autoscale.py`, `Autoscaler`).
extension WorkerCore {
    /// Nil when the pool keeps its size.
    var autoscalerState: AutoscalerState? {
        guard let range = poolState.withLock({ $0.autoscale }) else { return nil }
        let counts = runners.counts
        return AutoscalerState(
            maximum: range.maximum,
            minimum: range.minimum,
            current: poolSize,
            tasks: counts.running + counts.waiting
        )
    }

    /// Changes the range, and the size at once if it lies outside; a bound that is nil stays.
    func setAutoscale(maximum: Int?, minimum: Int?) {
        let range = poolState.withLock { state -> Autoscale? in
            guard let old = state.autoscale else { return nil }
            let new = Autoscale(maximum ?? old.maximum, minimum ?? old.minimum)
            state.autoscale = new
            return new
        }
        guard let range else { return }
        let size = min(max(poolSize, range.minimum), range.maximum)
        if size != poolSize { setPoolSize(size) }
        waker.wake()
    }
}
