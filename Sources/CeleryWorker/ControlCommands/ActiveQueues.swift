import CeleryProtocol
import OrderedCollections

/// `active_queues`: the queues that are consumed now, with the attributes of kombu's `Queue` (`kombu/entity.py`).
struct ActiveQueues: ControlCommand {
    static let names = ["active_queues"]

    func run(on core: WorkerCore) -> CeleryValue? {
        .array(core.controls.consumedQueues(core).map { .map(Self.item($0)) })
    }

    private static func item(_ queue: QueueSettings) -> CeleryMap {
        [
            "name": .string(queue.name),
            "exchange": [
                "name": .string(queue.exchange), "type": "direct", "arguments": nil, "durable": true, "passive": false,
                "auto_delete": false, "delivery_mode": nil, "no_declare": false,
            ],
            "routing_key": .string(queue.routingKey),
            "queue_arguments": arguments(queue),
            "binding_arguments": nil,
            "consumer_arguments": nil,
            "durable": true,
            "exclusive": false,
            "auto_delete": false,
            "no_ack": false,
            "alias": nil,
            "bindings": [],
            "no_declare": nil,
            "expires": nil,
            "message_ttl": nil,
            "max_length": nil,
            "max_length_bytes": nil,
            "max_priority": nil,
        ]
    }

    /// Null where the queue is declared without arguments.
    private static func arguments(_ queue: QueueSettings) -> CeleryValue {
        var arguments: CeleryMap = [:]
        if queue.kind == .quorum { arguments["x-queue-type"] = "quorum" }
        if let priority = queue.maxPriority { arguments["x-max-priority"] = .int(priority) }
        return arguments.isEmpty ? .null : .map(arguments)
    }
}
