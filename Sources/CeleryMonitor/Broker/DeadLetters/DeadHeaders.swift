import CeleryProtocol
import OrderedCollections

/// Why a message is a dead letter, as its headers say: Chard's (`WorkerCore+Publishing.swift`), else RabbitMQ's
/// (https://www.rabbitmq.com/docs/dlx#effects).
struct DeadHeaders: Sendable {
    private let headers: CeleryMap
    /// The newest death by the broker.
    private let death: CeleryMap?

    /// How often it was requeued by a monitor.
    static let requeuesName = "x-chard-requeues"

    init(_ headers: CeleryMap) {
        self.headers = headers
        death = headers["x-death"]?.arrayValue?.first?.mapValue
    }

    /// The queue that it comes from.
    var source: String? { text("x-chard-queue") ?? death?["queue"]?.stringValue ?? text("x-first-death-queue") }

    var reason: String? { text("x-chard-reason") ?? death?["reason"]?.stringValue ?? text("x-first-death-reason") }

    var error: String? {
        if let error = text("x-chard-error") { return String(error.prefix(2000)) }
        switch death?["reason"]?.stringValue {
        case "rejected": return "A worker rejected it without requeueing."
        case "expired": return "It waited longer than its time to live."
        case "maxlen": return "The queue was full."
        case "delivery_limit": return "It was delivered too often without being acknowledged."
        default: return nil
        }
    }

    var worker: String? { text("x-chard-worker") }

    /// Seconds since 1970.
    var time: Double? {
        let text =
            text("x-chard-time")
            ?? death?["time"].flatMap { value -> String? in
                if case .datetime(let text) = value { text } else { nil }
            }
        return text.flatMap(Timestamp.init(iso:)).map { Double($0.microsecondsSince1970) / 1e6 }
    }

    var requeues: Int { max(0, integer(Self.requeuesName) ?? 0) }

    /// As often as the broker counted deliveries that failed (quorum queues).
    var deliveryCount: Int { max(0, integer("x-acquired-count") ?? integer("x-delivery-count") ?? 0) }

    func text(_ name: String) -> String? {
        switch headers[name] {
        case .string(let text) where !text.isEmpty: text
        case .bytes(let bytes) where !bytes.isEmpty: String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }

    func integer(_ name: String) -> Int? { headers[name]?.intValue }

    /// What is left of them when the message is to be run again: neither why it was here, nor what would make the
    /// broker drop it (it knows a cycle by `x-death`), nor its counts.
    static func forRequeue(_ headers: CeleryMap) -> CeleryMap {
        let requeues = DeadHeaders(headers).requeues
        var kept = headers.filter { name, _ in
            !dropped.contains(name) && !name.hasPrefix("x-death") && !name.hasPrefix("x-first-death")
                && !name.hasPrefix("x-last-death")
        }
        kept[requeuesName] = .int(min(requeues, 1_000_000) + 1)
        return kept
    }

    /// `x-chard-headers` and `x-chard-properties` hold what could not be read, and stay.
    private static let dropped: Set<String> = [
        "x-chard-reason", "x-chard-error", "x-chard-queue", "x-chard-exchange", "x-chard-routing-key",
        "x-chard-worker", "x-chard-time", "x-chard-expiration", "x-chard-user-id", "x-chard-cc", "x-chard-bcc",
        "x-delivery-count", "x-acquired-count", "CC", "BCC",
    ]
}
