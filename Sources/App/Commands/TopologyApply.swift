import ArgumentParser
import CeleryWorker
import Connections

/// `chard topology apply`: declares what is missing and sets policies. It deletes nothing.
struct TopologyApply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Declare what is missing on the broker and set the policies; delete nothing."
    )

    @OptionGroup var settings: SettingsOptions

    func run() async throws {
        let configuration = try settings.load()
        let (admin, url) = try await AMQPBrokerAdmin.connect(configuration.broker, name: "chard topology apply")
        let version = RabbitMQVersion(admin.brokerVersion)
        let plan = TopologyPlan(queues: configuration.catalogue.allQueues, version: version)
        var steps = try await plan.declare(on: admin)
        await admin.close()
        if let management = configuration.management.client {
            steps += try await plan.setPolicies(through: management, virtualHost: url.virtualHost)
        }
        var table = TextTable("outcome", "what", "detail")
        for step in steps { table.add(step.outcome.rawValue, step.subject, step.detail) }
        table.show()
        for note in plan.notes { print("note: \(note)") }
        if configuration.management.url == nil, !plan.policies.isEmpty {
            print(
                "note: no management.url is set, so no policy was; the queues work without, but only Chard dead-letters"
            )
        }
        if steps.contains(where: { $0.outcome == .failed }) || !plan.notes.isEmpty { throw ExitCode.failure }
    }
}

extension ManagementSettings {
    /// nil without a URL.
    var client: RabbitMQManagement? { url.map { RabbitMQManagement(url: $0, timeout: timeout) } }
}
