import CeleryProtocol
import Connections
import Synchronization

/// One message that the broker lent us, until it is answered.
struct Delivery: Sendable {
    let batch: AMQPDeliveryBatch
    let index: Int
    let epoch: Int
    let lane: Lane
    /// When the task may start, if its rate is limited and it has waited here.
    let reservation: RateReservation?
    /// Whether monitors have been told that it is here.
    let isAnnounced: Bool
    /// The lease that takes the broker's place, where the task has one.
    let hold: LeaseHold?

    init(_ entry: PriorityDispatch.Entry, lane: Lane) {
        batch = entry.batch
        index = entry.index
        epoch = entry.epoch
        reservation = entry.reservation
        isAnnounced = entry.isAnnounced
        self.lane = lane
        hold = nil
    }

    /// The same message, under a lease that is still to be taken.
    init(_ delivery: Delivery, hold: LeaseHold) {
        batch = delivery.batch
        index = delivery.index
        epoch = delivery.epoch
        lane = delivery.lane
        reservation = delivery.reservation
        isAnnounced = delivery.isAnnounced
        self.hold = hold
    }

    var frame: AMQPDelivery { batch.deliveries[index] }

    /// Whether the message is ours: an acknowledgement would still reach the broker, or its lease holds.
    var isCurrent: Bool {
        if let hold, !hold.isWaiting { return hold.isHeld }
        return lane.epoch.load(ordering: .relaxed) == epoch
    }

    var routingKey: String { String(decoding: batch.bytes[frame.routingKey], as: UTF8.self) }
    var exchange: String { String(decoding: batch.bytes[frame.exchange], as: UTF8.self) }

    var info: DeliveryInfo {
        // Celery publishes through the default exchange, where the routing key is the queue's name.
        let key = frame.routingKey
        let isQueueName =
            key.count == lane.queue.name.utf8.count && batch.bytes[key].elementsEqual(lane.queue.name.utf8)
        return DeliveryInfo(
            exchange: frame.exchange.isEmpty ? "" : exchange,
            routingKey: isQueueName ? lane.queue.name : routingKey,
            redelivered: frame.redelivered
        )
    }
}
