import Connections
import Logging
import Synchronization

extension ConsumerLoop: AMQPSessionDelegate {
    /// Declares what the worker needs and starts the consumers; the connection is then complete.
    func sessionDidConnect(_ connection: AMQPConnection) throws(AMQPError) {
        for lane in core.lanes {
            trackers[lane.index] = DeliveryTracker()
            lane.epoch.add(1, ordering: .relaxed)
        }
        guard !isDraining else { return }
        try core.prepareNativeDelayedDelivery(on: connection)
        for lane in core.lanes {
            try core.declare(lane.queue, on: connection)
            try open(lane, connection)
        }
        watch.reset()
        core.connected(to: connection.url, version: connection.brokerVersion)
    }

    func session(_ connection: AMQPConnection, received batch: AMQPDeliveryBatch) throws(AMQPError) {
        watch.received()
        for delivery in batch.deliveries {
            guard let lane = core.laneOfChannel[delivery.channel] else { continue }
            trackers[lane].received(delivery.deliveryTag)
        }
        if isDraining {
            for delivery in batch.deliveries { giveBack(delivery.deliveryTag, channel: delivery.channel) }
            return
        }
        core.runners.push(batch, lanes: core.lanes, laneOfChannel: core.laneOfChannel)
        nap(after: batch)
    }

    func session(_ connection: AMQPConnection, received event: AMQPEvent) throws(AMQPError) {
        switch event {
        case .consumerCancelled(let channel, _):
            guard let lane = core.laneOfChannel[channel], !isDraining else { return }
            core.logger.warning(
                "the broker ended the consumer of queue \(core.lanes[lane].queue.name); declaring the queue and consuming again"
            )
            try reopen(core.lanes[lane], connection)
        case .channelClosed(let channel, let error):
            guard let lane = core.laneOfChannel[channel], !isDraining else { return }
            core.logger.warning("\(error); consuming from queue \(core.lanes[lane].queue.name) again")
            try reopen(core.lanes[lane], connection)
        case .blocked(let reason):
            core.logger.warning("the broker takes no messages now: \(reason)")
        case .unblocked:
            core.logger.info("the broker takes messages again")
        case .confirmed, .nacked, .returned:
            break
        }
    }

    func sessionDidLose(_ error: AMQPError) {
        for lane in core.lanes {
            lane.epoch.add(1, ordering: .relaxed)
            trackers[lane.index] = DeliveryTracker()
        }
        // The broker gives these to others; what runs goes on, and its result is stored.
        _ = core.runners.removeWaiting(lane: nil)
        core.disconnected(error)
    }

    func sessionCannotConnect(_ error: AMQPError) { core.cannotConnect(error) }

    private func open(_ lane: Lane, _ connection: AMQPConnection) throws(AMQPError) {
        try connection.openChannel(lane.channel)
        let prefetch = lane.queue.prefetch
        try connection.limitPrefetch(UInt16(clamping: prefetch), channel: lane.channel)
        try connection.consume(lane.queue.name, consumerTag: core.consumerTag(lane), channel: lane.channel)
    }

    /// Opens a lane's channel anew; what it had delivered was given back by the broker.
    private func reopen(_ lane: Lane, _ connection: AMQPConnection) throws(AMQPError) {
        connection.closeChannel(lane.channel)
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
        case .giveBack(let lane, let epoch, let tag):
            guard core.lanes[lane].epoch.load(ordering: .relaxed) == epoch else { return }
            giveBack(tag, channel: core.lanes[lane].channel)
        }
    }

    private func drain(_ done: @Sendable (Int) -> Void) {
        isDraining = true
        var count = 0
        if let connection = session.connection {
            do throws(AMQPError) {
                for lane in core.lanes { try connection.cancelConsumer(core.consumerTag(lane), channel: lane.channel) }
            } catch {
                session.lose(error)
            }
        }
        for (entry, lane) in core.runners.removeWaiting(lane: nil) {
            guard core.lanes[lane].epoch.load(ordering: .relaxed) == entry.epoch else { continue }
            let delivery = entry.batch.deliveries[entry.index]
            giveBack(delivery.deliveryTag, channel: delivery.channel)
            count += 1
        }
        done(count)
    }

    /// `basic.nack`, which RabbitMQ 4.3 does not count as a failed delivery, unlike `basic.reject`.
    private func giveBack(_ tag: UInt64, channel: UInt16) {
        guard let connection = session.connection, let lane = core.laneOfChannel[channel] else { return }
        do throws(AMQPError) {
            try connection.nack(tag, multiple: false, requeue: true, channel: channel)
            trackers[lane].answered(tag)
        } catch {
            session.lose(error)
        }
    }
}
