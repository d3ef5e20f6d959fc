import Connections
import Logging
import Synchronization

/// Handing partitions over without changing the order of their messages; see `PartitionReleases`.
extension ConsumerLoop {
    private static let look: Int64 = 20_000_000

    func isPartition(_ channel: UInt16) -> Bool {
        guard let index = Lane.index(ofChannel: channel), index < trackers.count else { return false }
        return core.laneTable[index].isPartition
    }

    /// Whether the broker delivers the queue's messages here. The consumer of a partition may still wait for the one
    /// before it to go.
    func isServed(_ lane: Lane) -> Bool {
        !lane.isPartition || lane.index < trackers.count && trackers[lane.index].hasReceived
    }

    /// Begins to hand a partition over. The lane is marked as releasing and not consumed already.
    func release(_ lane: Lane) {
        guard channels[lane.index] != nil, session.connection != nil else {
            return lane.isReleasing.store(false, ordering: .relaxed)
        }
        releases.begin(lane.index)
        setWaitingAside(lane)
    }

    /// Begins to hand over all partitions, for the worker ends; returns how many messages wait for that.
    func releasePartitions() -> Int {
        for lane in core.consumedLanes where lane.isPartition {
            lane.isReleasing.store(true, ordering: .relaxed)
            lane.isConsumed.store(false, ordering: .relaxed)
            release(lane)
        }
        return releases.all.reduce(0) { $0 + releases.setAside(of: $1) }
    }

    /// Hands over what can be handed over now, and consumes again what has come back. Called after acknowledgements
    /// were sent; returns when it wants to be called again.
    func handOver(_ now: MonotonicTime) -> MonotonicTime {
        for index in releases.all {
            let lane = core.laneTable[index]
            setWaitingAside(lane)
            // A task may run although its message is answered (at_most_once) or was lost with an earlier connection.
            guard trackers[index].unanswered == releases.setAside(of: index), core.runners.running(lane: index) == 0
            else { continue }
            session.connection?.closeChannel(lane.channel)
            endRelease(lane)
        }
        // What the closed channel had delivered is still read by its number: that must be over.
        if let connection = session.connection, !connection.hasInput {
            for index in releases.takeReopening() {
                let lane = core.laneTable[index]
                if lane.isConsumed.load(ordering: .relaxed) { consume(lane) }
            }
        }
        return releases.isBusy ? now.advanced(byNanoseconds: Self.look) : .distantFuture
    }

    /// The lane's channel is closed; what had been delivered is the broker's again.
    func endRelease(_ lane: Lane) {
        let count = releases.setAside(of: lane.index)
        channels[lane.index] = nil
        trackers[lane.index] = DeliveryTracker()
        lane.epoch.add(1, ordering: .relaxed)
        releases.end(lane.index)
        lane.isReleasing.store(false, ordering: .relaxed)
        core.logger.info("partition \(lane.queue.name) handed over; \(count) messages went back to it")
    }

    private func setWaitingAside(_ lane: Lane) {
        let epoch = lane.epoch.load(ordering: .relaxed)
        let waiting = core.runners.removeWaiting(lane: lane.index).count { $0.entry.epoch == epoch }
        if waiting > 0 { releases.setAside(waiting, lane: lane.index) }
    }
}
