import ArgumentParser
import CeleryWorker
import Connections

/// `chard topology diff`: what differs on the broker; exit status 1 if anything does that these settings ask for.
///
/// A leftover is only told: it may be another deployment's.
struct TopologyDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Report what differs between the settings and the broker; change nothing."
    )

    @OptionGroup var settings: SettingsOptions

    func run() async throws {
        let configuration = try settings.load()
        let differences =
            if let management = configuration.management.client {
                try await Self.compare(configuration, management)
            } else {
                try await Self.compareByAMQP(configuration)
            }
        guard !differences.isEmpty else {
            print("no difference")
            return
        }
        var table = TextTable("difference", "what", "detail")
        for difference in differences { table.add(difference.kind.rawValue, difference.subject, difference.detail) }
        table.show()
        if differences.contains(where: { $0.kind != .leftover }) { throw ExitCode.failure }
    }

    private static func compare(
        _ configuration: WorkerConfiguration,
        _ management: RabbitMQManagement
    ) async throws -> [TopologyDiff.Difference] {
        let version = RabbitMQVersion(try await management.overview().version)
        let plan = TopologyPlan(queues: configuration.catalogue.allQueues, version: version)
        for note in plan.notes { print("note: \(note)") }
        let found = try await TopologyState(
            management: management,
            virtualHost: configuration.broker.urls.first?.virtualHost ?? "/"
        )
        return TopologyDiff(plan: plan, found: found).differences
    }

    /// AMQP tells whether things exist, and no more.
    private static func compareByAMQP(_ configuration: WorkerConfiguration) async throws -> [TopologyDiff.Difference] {
        let (admin, _) = try await AMQPBrokerAdmin.connect(configuration.broker, name: "chard topology diff")
        let plan = TopologyPlan(
            queues: configuration.catalogue.allQueues,
            version: RabbitMQVersion(admin.brokerVersion)
        )
        print("note: no management.url is set, so arguments, bindings and policies can't be seen")
        var differences: [TopologyDiff.Difference] = []
        for exchange in plan.exchanges where try await !admin.exchangeExists(exchange.name) {
            differences.append(.init(.missing, "exchange \(exchange.name)"))
        }
        for queue in plan.queues where try await admin.status(ofQueue: queue.name) == nil {
            differences.append(.init(.missing, "queue \(queue.name)"))
        }
        await admin.close()
        return differences
    }
}
