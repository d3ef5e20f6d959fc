import CeleryWorker
import Connections

/// Gathers what `chard check` wants to know of the broker.
enum CheckBroker {
    typealias Finding = SettingsCheck.Finding

    static func findings(_ configuration: WorkerConfiguration) async -> [Finding] {
        var findings: [Finding] = []
        for url in configuration.broker.urls {
            findings += await check(url, configuration, isFirst: url == configuration.broker.urls.first)
        }
        return findings
    }

    /// Every URL must take a login; the queues are looked at through the first.
    private static func check(_ url: BrokerURL, _ configuration: WorkerConfiguration, isFirst: Bool) async -> [Finding] {
        var settings = configuration.broker
        settings.urls = [url]
        do {
            let (admin, _) = try await AMQPBrokerAdmin.connect(settings, name: "chard check")
            let version = admin.brokerVersion
            var findings = [Finding(.ok, "broker", "\(url): RabbitMQ \(version), login and virtual host accepted")]
            if isFirst {
                findings += await queues(configuration, admin, RabbitMQVersion(version), url)
            }
            await admin.close()
            return findings
        } catch {
            return [Finding(.problem, "broker", "\(error)")]
        }
    }

    private static func queues(
        _ configuration: WorkerConfiguration, _ admin: any BrokerAdmin, _ version: RabbitMQVersion?, _ url: BrokerURL
    ) async -> [Finding] {
        let queues = configuration.catalogue.queues
        let management = configuration.management.client
        let timeouts = SettingsCheck.consumerTimeouts(queues, version: version, hasPolicies: management != nil)
        let plan = TopologyPlan(queues: queues, version: version)
        let notes = plan.notes.map { Finding(.problem, "settings", $0) }
        do {
            guard let management else {
                return try await byAMQP(queues, admin) + timeouts + notes
                    + [Finding(.note, "management", "no management.url is set: alarms, arguments and policies can't be seen")]
            }
            let nodes = try await management.nodes()
            let found = try await TopologyState(management: management, virtualHost: url.virtualHost)
            return SettingsCheck.nodes(nodes) + SettingsCheck.queues(queues, found: found) + timeouts + notes
                + differences(TopologyDiff(plan: plan, found: found))
        } catch {
            return timeouts + notes + [Finding(.problem, error is ManagementError ? "management" : "broker", "\(error)")]
        }
    }

    /// Missing queues are told as such already.
    private static func differences(_ diff: TopologyDiff) -> [Finding] {
        diff.differences.filter { !($0.kind == .missing && $0.subject.hasPrefix("queue ")) }.map {
            Finding(.note, "topology", "\($0); see chard topology diff")
        }
    }

    private static func byAMQP(_ queues: [QueueSettings], _ admin: any BrokerAdmin) async throws -> [Finding] {
        var findings: [Finding] = []
        for queue in queues {
            let status = try await admin.status(ofQueue: queue.name)
            let dead = queue.deadLetter ? try await admin.status(ofQueue: queue.deadLetterQueue) : nil
            findings += SettingsCheck.queue(queue, status: status, dead: dead)
        }
        return findings
    }
}
