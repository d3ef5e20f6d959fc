import ArgumentParser
import CeleryWorker
import Connections

/// `chard topology show`: the plan, without asking the broker.
struct TopologyShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print exchanges, queues, bindings and policies that the settings ask for."
    )

    @OptionGroup var settings: SettingsOptions

    @Option(name: .long, help: "Plan for this version of RabbitMQ, e.g. 3.13.")
    var version: String?

    func run() async throws {
        let configuration = try settings.load()
        if let version, RabbitMQVersion(version) == nil {
            throw ValidationError("--version: \"\(version)\" is no version; write e.g. 3.13 or 4.1.2")
        }
        let plan = TopologyPlan(
            queues: configuration.catalogue.allQueues,
            version: version.flatMap { RabbitMQVersion($0) }
        )
        Self.queues(configuration.catalogue.allQueues, plan).show()
        print("")
        Self.bindings(plan).show()
        print("")
        Self.policies(plan).show()
        for note in plan.notes { print("\nnote: \(note)") }
    }

    private static func queues(_ queues: [QueueSettings], _ plan: TopologyPlan) -> TextTable {
        var table = TextTable("queue", "arguments", "routes", "priority", "concurrency", "prefetch", "delivery")
        for queue in plan.queues {
            let settings = queues.first { $0.name == queue.name }
            table.add(
                queue.name,
                queue.argumentText,
                settings?.routes.map(\.text).joined(separator: " ") ?? "",
                settings.map { "\($0.priority)" } ?? "",
                settings.map { "\($0.concurrency)" } ?? "",
                settings.map { "\($0.prefetch)" } ?? "",
                settings?.delivery.rawValue ?? queue.deadLettersOf.map { "dead letters of \($0)" } ?? ""
            )
        }
        return table
    }

    private static func bindings(_ plan: TopologyPlan) -> TextTable {
        var table = TextTable("exchange", "type", "routing key", "queue")
        for binding in plan.bindings {
            let type = plan.exchanges.first { $0.name == binding.exchange }?.type ?? ""
            table.add(binding.exchange, type, binding.routingKey, binding.queue)
        }
        return table
    }

    private static func policies(_ plan: TopologyPlan) -> TextTable {
        var table = TextTable("policy", "pattern", "definition")
        for policy in plan.policies { table.add(policy.name, policy.pattern, policy.definition.summary) }
        return table
    }
}

extension TopologyPlan.Queue {
    /// `x-max-priority=10`; `-` without any.
    fileprivate var argumentText: String {
        guard !arguments.isEmpty else { return "-" }
        return arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }.joined(separator: " ")
    }
}

extension AMQPArgument {
    fileprivate var text: String {
        switch self {
        case .string(let value): value
        case .integer(let value): "\(value)"
        case .long(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .table(let values):
            values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }.joined(separator: ",")
        }
    }
}
