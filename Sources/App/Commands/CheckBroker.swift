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
    private static func check(_ url: BrokerURL, _ configuration: WorkerConfiguration, isFirst: Bool) async -> [Finding]
    {
        var settings = configuration.broker
        settings.urls = [url]
        do {
            let (admin, _) = try await AMQPBrokerAdmin.connect(settings, name: "chard check")
            let version = admin.brokerVersion
            var findings = [Finding(.ok, "broker", "\(url): RabbitMQ \(version), login and virtual host accepted")]
            if isFirst {
                findings += await queues(configuration, admin, url)
            }
            await admin.close()
            return findings
        } catch {
            return [Finding(.problem, "broker", "\(error)")]
        }
    }

    private static func queues(
        _ configuration: WorkerConfiguration,
        _ admin: any BrokerAdmin,
        _ url: BrokerURL
    ) async -> [Finding] {
        let queues = configuration.catalogue.allQueues
        let version = RabbitMQVersion(admin.brokerVersion)
        let plan = TopologyPlan(queues: queues, version: version)
        var findings = plan.notes.map { Finding(.problem, "settings", $0) }
        do {
            var partitions: [(queue: QueueSettings, status: QueueStatus?, dead: QueueStatus?)] = []
            for queue in queues {
                let status = try await admin.status(ofQueue: queue.name)
                let dead = queue.deadLetter ? try await admin.status(ofQueue: queue.deadLetterQueue) : nil
                if queue.partition == nil {
                    findings += SettingsCheck.queue(queue, status: status, dead: dead)
                } else {
                    partitions.append((queue, status, dead))
                }
            }
            findings += SettingsCheck.partitions(partitions)
            findings += try await byManagement(configuration, plan, url)
        } catch {
            findings.append(Finding(.problem, error is ManagementError ? "management" : "broker", "\(error)"))
        }
        let hasPolicies = configuration.management.url != nil
        // The same holds for all partitions.
        let kinds = queues.filter { ($0.partition?.number ?? 0) == 0 }
        return findings + SettingsCheck.consumerTimeouts(kinds, version: version, hasPolicies: hasPolicies)
    }

    private static func byManagement(
        _ configuration: WorkerConfiguration,
        _ plan: TopologyPlan,
        _ url: BrokerURL
    ) async throws -> [Finding] {
        guard let management = configuration.management.client else {
            return [
                Finding(.note, "management", "no management.url is set: alarms, arguments and policies can't be seen")
            ]
        }
        let nodes = try await management.nodes()
        let found = try await TopologyState(management: management, virtualHost: url.virtualHost)
        return SettingsCheck.nodes(nodes) + SettingsCheck.declarations(configuration.catalogue.queues, found: found)
            + differences(TopologyDiff(plan: plan, found: found))
    }

    /// Missing queues are told as such already, and leftovers may be another worker's.
    private static func differences(_ diff: TopologyDiff) -> [Finding] {
        diff.differences.filter { $0.kind != .leftover && !($0.kind == .missing && $0.subject.hasPrefix("queue ")) }.map
        {
            Finding(.note, "topology", "\($0)")
        }
    }
}
