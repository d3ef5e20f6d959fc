import CeleryProtocol
import Connections
import Crypto
import Foundation
import OrderedCollections

/// A message of a dead-letter queue: what it was, and why it is there.
///
/// Chard writes the reason into headers `x-chard-…`; the broker's own dead-lettering writes `x-death`. Whatever can't be
/// read is missing; nothing in the message is trusted.
struct DeadMessage: Sendable {
    /// Tells it apart from the others of its queue, as long as it is not changed.
    var key: String
    /// The queue of dead letters.
    var queue: String
    /// Where it comes from, and where it goes when it is requeued.
    var source: String
    var taskID: String?
    var task: String?
    /// Chard's or the broker's word: `unknown-task`, `rejected`, `delivery_limit`, …
    var reason: String
    /// What was said about it, at most 2 KiB.
    var error: String?
    var worker: String?
    /// Seconds since 1970.
    var time: Double?
    var retries: Int
    /// How often it was requeued from here.
    var requeues: Int
    /// As JSON texts; nil when they can't be decoded.
    var arguments: (args: [CeleryValue], kwargs: CeleryMap)?
    /// Why they can't be.
    var argumentsProblem: String?
    var properties: BasicProperties?
    /// Flags and values as they came.
    var propertyBytes: [UInt8]
    /// At most `bodyLimit` bytes.
    var body: [UInt8]
    var size: Int
    var isRedelivered: Bool

    /// Bytes of a body that are kept.
    static let bodyLimit = 1 << 20

    var isCut: Bool { body.count < size }

    init(_ batch: AMQPDeliveryBatch, _ delivery: AMQPDelivery, queue: String) {
        self.queue = queue
        propertyBytes = Array(batch.bytes[delivery.properties])
        size = delivery.body.count
        body = Array(batch.bytes[delivery.body.prefix(Self.bodyLimit)])
        isRedelivered = delivery.redelivered
        let properties = try? BasicProperties(decoding: propertyBytes)
        self.properties = properties
        let headers = DeadHeaders(properties?.headers ?? [:])
        key = Self.key(properties, propertyBytes, batch.bytes[delivery.body])
        source = headers.source ?? QueueNaming.source(ofDeadLetters: queue)
        reason = headers.reason ?? "unknown"
        error = headers.error
        worker = headers.worker
        time = headers.time
        requeues = headers.requeues
        do {
            let message = try TaskMessage.decode(
                properties: delivery.properties,
                body: delivery.body,
                in: batch.bytes,
                deliveryInfo: DeliveryInfo(
                    exchange: "",
                    routingKey: source,
                    redelivered: delivery.redelivered
                ),
                accept: Self.accept,
                limits: DecodingLimits(maxBodyBytes: 8 << 20, maxDepth: 64, maxInflationRatio: 100),
                decompress: Self.decompress
            )
            (taskID, task, retries) = (message.id, message.task, message.retries)
            arguments = try message.body.values()
        } catch {
            let known = error as? MessageError
            taskID = known?.id ?? headers.text("id") ?? properties?.correlationID
            task = known?.task ?? headers.text("task")
            retries = max(0, headers.integer("retries") ?? 0)
            argumentsProblem = known?.reason ?? "\(error)"
        }
    }

    /// All that can be read without running anything; pickle can't.
    private static let accept = (try? AcceptContent(["json", "yaml", "msgpack"])) ?? .json

    private static let decompress: Decompress = { format, bytes, limit in
        try Compression.decompress(Compression.Format(named: format.headerValue), bytes, maxBytes: limit)
    }

    /// Over the properties without what the broker counts in them, and the body.
    private static func key(_ properties: BasicProperties?, _ raw: [UInt8], _ body: ArraySlice<UInt8>) -> String {
        var hash = SHA256()
        if var properties, let headers = properties.headers {
            properties.headers = headers.filter { !["x-delivery-count", "x-acquired-count"].contains($0.key) }
            hash.update(data: (try? properties.encoded()) ?? raw)
        } else {
            hash.update(data: raw)
        }
        hash.update(data: body)
        return hash.finalize().prefix(10).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
