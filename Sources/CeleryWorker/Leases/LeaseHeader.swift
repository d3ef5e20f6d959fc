import CeleryProtocol
import Connections
import OrderedCollections

/// What a message says that was enqueued because of a lease: `x-chard-lease: <fence>/<starts>`.
struct LeaseHeader: Sendable, Hashable {
    static let name = "x-chard-lease"

    /// Of two copies that one lease has caused, that with the larger fence counts.
    var fence: Int
    /// How often the task was started.
    var starts: Int

    init(fence: Int, starts: Int) {
        self.fence = fence
        self.starts = starts
    }

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let fence = parts[0], let starts = parts[1], fence >= 0, starts >= 0 else { return nil }
        self.init(fence: fence, starts: starts)
    }

    /// Nil for a message that no lease has caused; also for a dead letter that somebody has put back into its queue.
    init?(_ message: TaskMessage) {
        let headers = message.properties.headers ?? [:]
        guard headers["x-chard-reason"] == nil, let text = headers[Self.name]?.stringValue else { return nil }
        self.init(text)
    }

    var text: String { "\(fence)/\(starts)" }
}

extension LeaseStore.Message {
    /// The message of a run, as it came but for what must not come twice.
    init(_ run: TaskRun) throws {
        var properties = run.message.properties
        // RabbitMQ drops a message that comes to a queue it was dead-lettered from before, and knows it by these.
        properties.headers?.removeAll {
            $0.key == LeaseHeader.name || $0.key.hasPrefix("x-death") || $0.key.hasPrefix("x-first-death")
                || $0.key.hasPrefix("x-last-death")
        }
        // It has begun in time; where it goes on later, it must not expire.
        properties.expiration = nil
        if properties.headers?["expires"] != nil { properties.headers?["expires"] = .null }
        let delivery = run.delivery
        self.init(properties: try properties.encoded(), body: Array(delivery.batch.bytes[delivery.frame.body]))
    }

    /// The message for its queue again, marked as a repeat.
    func publication(queue: String, _ header: LeaseHeader) throws -> TaskPublication {
        var properties = try BasicProperties(decoding: self.properties)
        var headers = properties.headers ?? [:]
        headers[TaskMessage.againHeader] = true
        headers[LeaseHeader.name] = .string(header.text)
        properties.headers = headers
        properties.deliveryMode = 2
        return TaskPublication(exchange: "", routingKey: queue, properties: try properties.encoded(), body: body)
    }
}
