import CeleryProtocol
import Connections

/// A message on its way to a child, as raw as it came.
struct PoolJob: Sendable {
    var number: UInt32
    var queue: String
    /// The frame, into which the deliveries of `batch` point.
    var batch: AMQPDeliveryBatch

    /// The frame that hands a run over.
    static func frame(_ run: TaskRun, number: UInt32) -> [UInt8] {
        let delivery = run.delivery
        let bytes = delivery.batch.bytes
        let content = delivery.frame
        var frame = PoolFrameWriter(
            PoolFrame.Order.run.rawValue,
            capacity: content.properties.count + content.body.count + 256
        )
        frame.add(number)
        frame.add(content.redelivered)
        frame.add(delivery.lane.queue.name)
        frame.add(bytes[content.exchange])
        frame.add(bytes[content.routingKey])
        frame.add(bytes[content.properties])
        frame.add(bytes[content.body])
        return frame.bytes
    }

    /// Reads a frame; nil when it is none.
    init?(_ bytes: [UInt8]) {
        var frame = PoolFrameReader(bytes)
        guard frame.byte() == PoolFrame.Order.run.rawValue, let number = frame.uint32(),
            let redelivered = frame.flag(), let queue = frame.text(), let exchange = frame.range(),
            let routingKey = frame.range(), let properties = frame.range(), let body = frame.range()
        else { return nil }
        self.number = number
        self.queue = queue
        batch = .single(
            bytes: bytes,
            redelivered: redelivered,
            exchange: exchange,
            routingKey: routingKey,
            properties: properties,
            body: body
        )
    }
}
