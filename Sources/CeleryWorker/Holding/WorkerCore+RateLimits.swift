import CeleryProtocol
import Connections
import OrderedCollections
import Synchronization

/// Putting off what may not start yet because its rate is limited.
extension WorkerCore {
    /// What is this close is now: nobody measures a rate in fractions of a millisecond.
    private static let close: Int64 = 300_000

    /// Whether a message may start now. If not, it has been put off until its slot.
    func mayStart(_ delivery: Delivery, _ message: TaskMessage, at limit: RateLimits.Limit) async -> Bool {
        if delivery.lane.isPartition { return await mayStartInOrder(delivery, at: limit) }
        let reservation = await reservation(delivery, message, limit)
        let now = MonotonicTime.now
        var slot = reservation.slot
        if slot <= now.nanoseconds + Self.close {
            guard let later = rateLimits.start(limit, slot: slot, now: now) else { return true }
            slot = later
        }
        await putOff(delivery, message, reservation, until: slot, limit)
        return false
    }

    /// The same for a partition, where what is put off would be passed by what comes behind it: waits here. False when the
    /// message is not ours any more, or is to be handed over.
    private func mayStartInOrder(_ delivery: Delivery, at limit: RateLimits.Limit) async -> Bool {
        let lane = delivery.lane
        var slot = await rateLimits.reserve(limit)
        while delivery.isCurrent {
            let now = MonotonicTime.now
            if slot <= now.nanoseconds + Self.close {
                guard let later = rateLimits.start(limit, slot: slot, now: now) else { return true }
                slot = later
            }
            if lane.isReleasing.load(ordering: .relaxed) || isDraining.load(ordering: .relaxed) {
                submit(.setAside(lane: lane.index, epoch: delivery.epoch))
                break
            }
            try? await Task.sleep(for: min(.nanoseconds(max(0, slot - now.nanoseconds)), .milliseconds(50)))
        }
        runners.finished(lane: lane.index)
        return false
    }

    /// The reservation that the message has, if it was made under this limit, or else a new one.
    private func reservation(
        _ delivery: Delivery,
        _ message: TaskMessage,
        _ limit: RateLimits.Limit
    ) async -> RateReservation {
        let interval = limit.rate.interval
        if let held = delivery.reservation, held.interval == interval { return held }
        if delivery.reservation == nil,
            let brought = RateReservation(message, now: .now, wallClock: WallClock.microseconds),
            brought.interval == interval
        {
            return brought
        }
        return RateReservation(slot: await rateLimits.reserve(limit), interval: interval)
    }

    private func putOff(
        _ delivery: Delivery,
        _ message: TaskMessage,
        _ reservation: RateReservation,
        until time: Int64,
        _ limit: RateLimits.Limit
    ) async {
        let lane = delivery.lane
        let now = MonotonicTime.now
        let wait = Duration.nanoseconds(max(0, time - now.nanoseconds))
        if rateLimits.hold(wait, lane: lane.index, prefetch: lane.queue.prefetch, limit) {
            let number = held.hold(message, eta: nil)
            hold(delivery, for: wait, reservation: reservation) { [rateLimits, held] in
                rateLimits.release(lane: lane.index)
                held.remove(number)
            }
            return
        }
        let text = reservation.headerText(now: now, wallClock: WallClock.microseconds)
        var headers: CeleryMap = [RateReservation.header: .string(text)]
        // The copy is not marked as delivered before; that it may have been started before must not be forgotten.
        if delivery.frame.redelivered { headers[TaskMessage.againHeader] = true }
        let added = headers
        let isMoved = await untilDone(delivery, false, "putting \(message.label) off") {
            let copy = try message.postponed(in: delivery, adding: added)
            try await self.celery.publish(copy, delay: wait, isFine: true)
        }
        if isMoved {
            outbox.append(item(delivery, .acknowledge))
            outbox.flush()
        }
        runners.finished(lane: lane.index)
    }
}
