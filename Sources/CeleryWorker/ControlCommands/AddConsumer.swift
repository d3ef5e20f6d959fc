import CeleryProtocol
import OrderedCollections

/// `add_consumer`: begins to consume a queue. It is declared and consumed after the reply, as in Celery.
///
/// A queue of `queues.yaml` keeps its settings; another is declared as Celery declares one: exchange and routing key
/// named like the queue unless they are given.
struct AddConsumer: ControlCommand {
    static let names = ["add_consumer"]

    var queue: String
    var exchange: String?
    var exchangeType: String?
    var routingKey: String?
    /// kombu's other options of a queue; those that are of no use here are ignored.
    var options: CeleryMap

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        queue = try container.decode(String.self, forKey: Key("queue"))
        exchange = try container.decodeIfPresent(String.self, forKey: Key("exchange"))
        exchangeType = try container.decodeIfPresent(String.self, forKey: Key("exchange_type"))
        routingKey = try container.decodeIfPresent(String.self, forKey: Key("routing_key"))
        options = [:]
        let own = ["queue", "exchange", "exchange_type", "routing_key"]
        for key in container.allKeys where !own.contains(key.stringValue) {
            options[key.stringValue] = try container.decodeIfPresent(CeleryValue.self, forKey: key)
        }
    }

    func run(on core: WorkerCore) throws -> CeleryValue? {
        guard let add = core.controls.addConsumer else { return .unavailable("add_consumer") }
        if let objection = QueueNames.objection(to: queue) { throw ExceptionRecord.valueError(objection) }
        try core.checkIsNoPartition(queue)
        try add(core, try settings(core.configuration.catalogue))
        return .ok("add consumer \(queue)")
    }

    private func settings(_ catalogue: QueueCatalogue) throws(ExceptionRecord) -> QueueSettings {
        if let known = catalogue[queue] { return known }
        var settings = catalogue.queue(named: queue)
        if let exchangeType, !exchangeType.isEmpty, exchangeType != "direct" {
            throw .valueError(
                "this worker binds queues to direct exchanges only; bind \(queue) to a \(exchangeType) exchange by hand"
            )
        }
        if let exchange, !exchange.isEmpty, exchange != settings.exchange {
            throw .valueError(
                "this worker binds a queue to the exchange of its name only; bind \(queue) to \(exchange) by hand"
            )
        }
        if let routingKey, !routingKey.isEmpty { settings.routingKey = routingKey }
        let arguments = options["queue_arguments"]?.mapValue ?? [:]
        if arguments["x-queue-type"]?.stringValue == "quorum" { settings.kind = .quorum }
        let priority = options["max_priority"] ?? arguments["x-max-priority"]
        if let priority = priority?.intValue, (1...255).contains(priority) { settings.maxPriority = priority }
        return settings
    }
}
