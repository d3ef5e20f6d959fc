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

    init(_ entry: PriorityDispatch.Entry, lane: Lane) {
        batch = entry.batch
        index = entry.index
        epoch = entry.epoch
        reservation = entry.reservation
        isAnnounced = entry.isAnnounced
        self.lane = lane
    }

    var frame: AMQPDelivery { batch.deliveries[index] }

    /// Whether an acknowledgement would still reach the broker.
    var isCurrent: Bool { lane.epoch.load(ordering: .relaxed) == epoch }

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
