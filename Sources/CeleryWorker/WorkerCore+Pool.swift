import CeleryProtocol
import Connections
import Logging
import Synchronization

/// What remote control and the autoscaler change while the worker runs: slots and consumers.
extension WorkerCore {
    /// How many tasks may run at once in all, as `inspect stats` reports it.
    var poolSize: Int {
        poolState.withLock { $0.total } ?? consumedLanes.reduce(0) { $0 + $1.slots }
    }

    /// Lets `count` more tasks run at once (`pool_grow`).
    func growPool(_ count: Int) { setPoolSize(poolSize + count) }

    /// Lets `count` fewer tasks run at once, at least one (`pool_shrink`). What runs goes on.
    func shrinkPool(_ count: Int) { setPoolSize(poolSize - count) }

    /// Sets how many tasks may run at once in all. A queue keeps its own limit where that is the lower one, but grows
    /// with the pool by what the pool has grown beyond its settings.
    func setPoolSize(_ size: Int) {
        let size = max(1, min(size, 65_535))
        let lanes = lanes
        let configured = configuration.worker.concurrency ?? lanes.reduce(0) { $0 + $1.queue.concurrency }
        poolState.withLock { $0.total = size }
        for lane in lanes {
            let before = lane.prefetch
            lane.extraSlots.store(max(0, size - configured), ordering: .relaxed)
            if lane.prefetch != before, lane.isConsumed.load(ordering: .relaxed) { submit(.changePrefetch(lane)) }
            if lane.leased.load(ordering: .relaxed) > 0 { submit(.adjust(lane)) }
        }
        runners.setSlots(lanes.map(\.slots), total: size)
        processPool.resize(to: processPool.initialLimit + max(0, size - configured))
    }

    /// Begins to consume a queue (`add_consumer`); one that queues.yaml does not know gets its defaults.
    func addConsumer(_ queue: QueueSettings) {
        if let partitions, partitions.settings.exchange == queue.name { return partitions.pause(false, self) }
        let (lane, isNew) = laneTable.lane(of: queue.name) { index in
            runners.addLane(priority: queue.priority, slots: queue.concurrency)
            return Lane(index: index, queue: queue, registry: celery.registry, catalogue: configuration.catalogue)
        }
        if !isNew { lane.isConsumed.store(true, ordering: .relaxed) }
        submit(.consume(lane))
    }

    /// Ends the consumer of a queue (`cancel_consumer`). What runs goes on, what waits goes back to the queue.
    func cancelConsumer(_ queue: String) {
        if let partitions, partitions.settings.exchange == queue { return partitions.pause(true, self) }
        guard let lane = lanes.first(where: { $0.queue.name == queue }) else { return }
        lane.isConsumed.store(false, ordering: .relaxed)
        submit(.cancelConsumer(lane))
    }
}

/// How many tasks may run at once, after pool control.
struct PoolState {
    /// nil: as many as the queues allow.
    var total: Int?
    var autoscale: Autoscale?
}
