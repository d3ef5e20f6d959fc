import Connections
import Logging
import Synchronization

extension ConsumerLoop: AMQPSessionDelegate {
    /// Declares what the worker needs and starts the consumers; the connection is then complete.
    func sessionDidConnect(_ connection: AMQPConnection) throws(AMQPError) {
        forgetDeliveries()
        guard !isDraining else { return }
        try core.prepareNativeDelayedDelivery(on: connection)
        try core.declareMissingPartitions(on: connection)
        for lane in core.consumedLanes {
            try core.declare(lane.queue, on: connection)
            try open(lane, connection)
        }
        watch.reset()
        core.connected(to: connection.url, version: connection.brokerVersion)
    }

    func session(_ connection: AMQPConnection, received batch: AMQPDeliveryBatch) throws(AMQPError) {
        watch.received()
        for delivery in batch.deliveries {
            guard let lane = Lane.index(ofChannel: delivery.channel), lane < trackers.count else { continue }
            if releases.received(lane) { trackers[lane].received(delivery.deliveryTag) }
        }
        if isDraining {
            for delivery in batch.deliveries where !isPartition(delivery.channel) {
                giveBack(delivery.deliveryTag, channel: delivery.channel)
            }
            return
        }
        core.runners.push(batch, lanes: core.lanes, without: releases.skipped)
        nap(after: batch)
    }

    func session(_ connection: AMQPConnection, received event: AMQPEvent) throws(AMQPError) {
        switch event {
        case .consumerCancelled(let channel, _):
            guard let lane = consumedLane(channel) else { return }
            core.logger.warning(
                "the broker ended the consumer of queue \(lane.queue.name); declaring the queue and consuming again"
            )
            try reopen(lane, connection)
        case .channelClosed(let channel, let error):
            if let index = Lane.index(ofChannel: channel), releases.contains(index) {
                return endRelease(core.laneTable[index])
            }
            guard let lane = consumedLane(channel) else { return }
            core.logger.warning("\(error); consuming from queue \(lane.queue.name) again")
            try reopen(lane, connection)
        case .blocked(let reason):
            core.logger.warning("the broker takes no messages now: \(reason)")
        case .unblocked:
            core.logger.info("the broker takes messages again")
        case .confirmed, .nacked, .returned:
            break
        }
    }

    func sessionDidLose(_ error: AMQPError) {
        forgetDeliveries()
        // The broker gives these to others; what runs goes on, and its result is stored.
        _ = core.runners.removeWaiting(lane: nil)
        core.disconnected(error)
    }

    func sessionCannotConnect(_ error: AMQPError) { core.cannotConnect(error) }

    /// What came over the last connection was given back by the broker.
    private func forgetDeliveries() {
        let lanes = core.lanes
        channels = [:]
        releases.removeAll()
        trackers = lanes.map { _ in DeliveryTracker() }
        for lane in lanes {
            lane.epoch.add(1, ordering: .relaxed)
            lane.isReleasing.store(false, ordering: .relaxed)
        }
    }

    private func consumedLane(_ channel: UInt16) -> Lane? {
        guard !isDraining, let index = Lane.index(ofChannel: channel), index < trackers.count else { return nil }
        let lane = core.laneTable[index]
        return lane.isConsumed.load(ordering: .relaxed) ? lane : nil
    }

    private func open(_ lane: Lane, _ connection: AMQPConnection) throws(AMQPError) {
        if channels[lane.index] == nil { try connection.openChannel(lane.channel) }
        releases.opened(lane.index)
        channels[lane.index] = false
        guard !core.isFull(lane) else { return }
        try connection.limitPrefetch(lane.prefetch, channel: lane.channel)
        try connection.consume(lane.queue.name, consumerTag: core.consumerTag(lane), channel: lane.channel)
        channels[lane.index] = true
    }

    /// Opens a lane's channel anew; what it had delivered was given back by the broker.
    private func reopen(_ lane: Lane, _ connection: AMQPConnection) throws(AMQPError) {
        connection.closeChannel(lane.channel)
        channels[lane.index] = nil
        lane.epoch.add(1, ordering: .relaxed)
        trackers[lane.index] = DeliveryTracker()
        _ = core.runners.removeWaiting(lane: lane.index)
        try core.declare(lane.queue, on: connection)
        try open(lane, connection)
    }

    // MARK: Requests

    func carryOut(_ request: Request) {
        switch request {
        case .drain(let done): drain(done)
        case .giveBack(let index, let epoch, let tag):
            let lane = core.laneTable[index]
            guard lane.epoch.load(ordering: .relaxed) == epoch else { return }
            giveBack(tag, channel: lane.channel)
        case .consume(let lane): consume(lane)
        case .cancelConsumer(let lane): cancelConsumer(lane)
        case .changePrefetch(let lane): changePrefetch(lane)
        case .release(let lane): release(lane)
        case .setAside(let index, let epoch):
            if core.laneTable[index].epoch.load(ordering: .relaxed) == epoch { releases.setAside(1, lane: index) }
        case .adjust(let lane): adjust(lane)
        }
    }

    private func drain(_ done: @Sendable (Int) -> Void) {
        isDraining = true
        var count = releasePartitions()
        if let connection = session.connection {
            do throws(AMQPError) {
                for lane in core.consumedLanes where channels[lane.index] == true {
                    try connection.cancelConsumer(core.consumerTag(lane), channel: lane.channel)
                }
            } catch {
                session.lose(error)
            }
        }
        count += giveBackWaiting(lane: nil)
        done(count)
    }

    /// Gives back what has not started, of one lane or of all; returns how many that were.
    private func giveBackWaiting(lane only: Int?) -> Int {
        var count = 0
        for (entry, lane) in core.runners.removeWaiting(lane: only) {
            guard core.laneTable[lane].epoch.load(ordering: .relaxed) == entry.epoch else { continue }
            let delivery = entry.batch.deliveries[entry.index]
            giveBack(delivery.deliveryTag, channel: delivery.channel)
            count += 1
        }
        return count
    }

    /// Begins to consume a queue while the worker runs (`add_consumer`). What ran before its consumer was cancelled is
    /// still answered on the same channel.
    func consume(_ lane: Lane) {
        while trackers.count <= lane.index { trackers.append(DeliveryTracker()) }
        if releases.contains(lane.index) { return releases.reopen(lane.index) }
        guard !isDraining, let connection = session.connection, channels[lane.index] != true else { return }
        do throws(AMQPError) {
            try core.declare(lane.queue, on: connection)
            try open(lane, connection)
            core.logger.info("Started consuming from \(lane.queue.name)")
        } catch  where !error.endsConnection {
            channels[lane.index] = nil
            lane.isConsumed.store(false, ordering: .relaxed)
            core.logger.error("consuming from queue \(lane.queue.name): \(error)")
        } catch {
            session.lose(error)
        }
    }

    /// Ends the consumer of a queue (`cancel_consumer`). What runs goes on; what waits goes back to the queue.
    private func cancelConsumer(_ lane: Lane) {
        guard !isDraining, let connection = session.connection, channels[lane.index] == true else { return }
        do throws(AMQPError) {
            try endConsumer(lane, connection)
        } catch {
            return session.lose(error)
        }
        let count = giveBackWaiting(lane: lane.index)
        core.logger.info("no longer consuming from \(lane.queue.name); \(count) messages went back to it")
    }

    private func endConsumer(_ lane: Lane, _ connection: AMQPConnection) throws(AMQPError) {
        try connection.cancelConsumer(core.consumerTag(lane), channel: lane.channel)
        channels[lane.index] = false
    }

    /// The prefetch of a live consumer cannot be changed; another takes its place.
    private func changePrefetch(_ lane: Lane) {
        guard !isDraining, let connection = session.connection, channels[lane.index] == true else { return }
        do throws(AMQPError) {
            try endConsumer(lane, connection)
            try open(lane, connection)
        } catch {
            session.lose(error)
        }
    }

    /// A message that would wait for hours here is another worker's: while tasks with leases have all slots of a lane,
    /// nothing is consumed. The broker waits for no answer to theirs, so its prefetch does not see to that.
    private func adjust(_ lane: Lane) {
        guard !isDraining, let connection = session.connection, lane.isConsumed.load(ordering: .relaxed) else { return }
        do throws(AMQPError) {
            if core.isFull(lane) {
                guard channels[lane.index] == true else { return }
                try endConsumer(lane, connection)
                _ = giveBackWaiting(lane: lane.index)
            } else if channels[lane.index] == false {
                try open(lane, connection)
            }
        } catch {
            session.lose(error)
        }
    }

    /// `basic.nack`, which RabbitMQ 4.3 does not count as a failed delivery, unlike `basic.reject`.
    private func giveBack(_ tag: UInt64, channel: UInt16) {
        guard let connection = session.connection, let lane = Lane.index(ofChannel: channel) else { return }
        do throws(AMQPError) {
            try connection.nack(tag, multiple: false, requeue: true, channel: channel)
            trackers[lane].answered(tag)
        } catch {
            session.lose(error)
        }
    }
}
