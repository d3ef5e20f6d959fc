import Connections

/// What `chard check` finds: each a pure judgement of facts that somebody else gathered.
package struct SettingsCheck: Sendable, Hashable {
    package enum Level: String, Sendable, Hashable {
        case ok
        case note
        case problem
    }

    package struct Finding: Sendable, Hashable {
        package var level: Level
        package var subject: String
        /// What is so and, where it is not right, how to mend it.
        package var text: String

        package init(_ level: Level, _ subject: String, _ text: String) {
            self.level = level
            self.subject = subject
            self.text = text
        }
    }

    /// The nodes of the cluster: alarms and lost sight of each other.
    package static func nodes(_ nodes: [RabbitMQManagement.Node]) -> [Finding] {
        var findings: [Finding] = []
        for node in nodes {
            let subject = "node \(node.name)"
            if !node.running { findings.append(Finding(.problem, subject, "it does not run; start it or forget it")) }
            if node.memoryAlarm == true {
                let used = node.memoryUsed.map(megabytes) ?? "?"
                let limit = node.memoryLimit.map(megabytes) ?? "?"
                findings.append(
                    Finding(
                        .problem,
                        subject,
                        "memory alarm (\(used) of \(limit)): nothing can be published; drain queues or raise "
                            + "vm_memory_high_watermark"
                    )
                )
            }
            if node.diskAlarm == true {
                let free = node.diskFree.map(megabytes) ?? "?"
                let limit = node.diskFreeLimit.map(megabytes) ?? "?"
                findings.append(
                    Finding(
                        .problem,
                        subject,
                        "disk alarm (\(free) free, limit \(limit)): nothing can be published; free space or "
                            + "lower disk_free_limit"
                    )
                )
            }
            if let lost = node.partitions, !lost.isEmpty {
                findings.append(
                    Finding(.problem, subject, "it lost sight of \(lost.joined(separator: ", ")): a network partition")
                )
            }
        }
        return findings.isEmpty ? [Finding(.ok, "nodes", "\(nodes.count) running, no alarm")] : findings
    }

    /// A queue and its dead-letter queue as AMQP shows them at this moment; nil when they are not there.
    package static func queue(_ settings: QueueSettings, status: QueueStatus?, dead: QueueStatus?) -> [Finding] {
        let own = status.map { self.status(settings, $0) } ?? missing(settings.name)
        guard settings.deadLetter, let dead, dead.messages > 0 else { return [own] }
        let text = "\(dead.messages) dead letters; each tells its reason in the header x-chard-reason"
        return [own, Finding(.problem, "queue \(settings.deadLetterQueue)", text)]
    }

    /// The partitions of one exchange: those of whom the same is to be said, in one line.
    package static func partitions(
        _ found: [(queue: QueueSettings, status: QueueStatus?, dead: QueueStatus?)]
    ) -> [Finding] {
        var findings: [Finding] = []
        for one in found {
            for var finding in queue(one.queue, status: one.status, dead: one.dead) {
                let number = one.queue.partition.map { "\($0.number)" } ?? one.queue.name
                if let same = findings.firstIndex(where: { $0.level == finding.level && $0.text == finding.text }) {
                    guard findings[same].subject.hasPrefix("partition") else { continue }
                    findings[same].subject += ", \(number)"
                } else {
                    if finding.subject == "queue \(one.queue.name)" {
                        finding.subject = "partition \(one.queue.exchange) \(number)"
                    }
                    findings.append(finding)
                }
            }
        }
        return findings
    }

    /// What clients must set because of the arguments that queues have.
    package static func declarations(_ settings: [QueueSettings], found: TopologyState) -> [Finding] {
        // Nobody but workers declares the queue of a partition: clients publish to its exchange.
        let names = Set(settings.filter { $0.partition == nil }.map(\.name))
        return found.queues.filter { names.contains($0.name) }.compactMap { queue in
            let lines = QueueDeclarationAdvice.lines(for: queue)
            guard !lines.isEmpty else { return nil }
            let text =
                "Celery clients must set \(lines.joined(separator: "; ")), or RabbitMQ refuses their declaration (406)"
            return Finding(.note, "queue \(queue.name)", text)
        }
    }

    /// What the settings themselves make of the broker's `consumer_timeout`.
    package static func consumerTimeouts(
        _ queues: [QueueSettings],
        version: RabbitMQVersion?,
        hasPolicies: Bool
    ) -> [Finding] {
        queues.compactMap { queue in
            guard let needed = TopologyPlan.consumerTimeout(of: queue) else { return nil }
            let milliseconds = Int(needed / .milliseconds(1))
            if hasPolicies, version?.hasConsumerTimeoutPolicy ?? false {
                return Finding(
                    .ok,
                    "queue \(queue.exchange)",
                    "consumer-timeout \(needed.settingText) by policy, above its time limit"
                )
            }
            return Finding(
                .note,
                "queue \(queue.exchange)",
                "a message may stay unacknowledged for \(needed.settingText), but RabbitMQ closes the channel "
                    + "after 30m unless "
                    + "rabbitmq.conf says consumer_timeout = \(milliseconds) or more; a smaller prefetch shortens it"
            )
        }
    }

    private static func missing(_ name: String) -> Finding {
        Finding(.note, "queue \(name)", "not there yet; a worker or `chard topology apply` makes it")
    }

    private static func status(_ settings: QueueSettings, _ status: QueueStatus) -> Finding {
        let subject = "queue \(settings.name)"
        guard status.consumers == 0 else {
            let unit = status.consumers == 1 ? "consumer" : "consumers"
            return Finding(.ok, subject, "\(status.messages) waiting, \(status.consumers) \(unit)")
        }
        guard status.messages > 0 else {
            return Finding(.note, subject, "no consumer; start `chard worker -Q \(settings.exchange)`")
        }
        return Finding(
            .problem,
            subject,
            "\(status.messages) waiting and no consumer; start `chard worker -Q \(settings.exchange)`"
        )
    }

    private static func megabytes(_ bytes: Int) -> String { "\(bytes / 1_000_000) MB" }
}
