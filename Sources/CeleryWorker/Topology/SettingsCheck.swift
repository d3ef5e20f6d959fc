package import Connections

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
                        .problem, subject,
                        "memory alarm (\(used) of \(limit)): nothing can be published; drain queues or raise "
                            + "vm_memory_high_watermark"))
            }
            if node.diskAlarm == true {
                let free = node.diskFree.map(megabytes) ?? "?"
                let limit = node.diskFreeLimit.map(megabytes) ?? "?"
                findings.append(
                    Finding(
                        .problem, subject,
                        "disk alarm (\(free) free, limit \(limit)): nothing can be published; free space or lower disk_free_limit"))
            }
            if let lost = node.partitions, !lost.isEmpty {
                findings.append(
                    Finding(.problem, subject, "it lost sight of \(lost.joined(separator: ", ")): a network partition"))
            }
        }
        return findings.isEmpty ? [Finding(.ok, "nodes", "\(nodes.count) running, no alarm")] : findings
    }

    /// The queues as the management API sees them.
    package static func queues(_ settings: [QueueSettings], found: TopologyState) -> [Finding] {
        let existing = Dictionary(found.queues.map { ($0.name, $0) }, uniquingKeysWith: { a, _ in a })
        return settings.flatMap { queue -> [Finding] in
            let dead = queue.deadLetter ? existing[queue.deadLetterQueue]?.messages : nil
            guard let found = existing[queue.name] else {
                return [missing(queue.name)] + deadLetters(queue, dead ?? 0)
            }
            let status = QueueStatus(
                messages: found.messagesReady ?? found.messages ?? 0, consumers: found.consumers ?? 0)
            return self.status(queue.name, status) + declaration(found) + deadLetters(queue, dead ?? 0)
        }
    }

    /// A queue as AMQP alone shows it; nil when it is not there.
    package static func queue(_ settings: QueueSettings, status: QueueStatus?, dead: QueueStatus?) -> [Finding] {
        guard let status else { return [missing(settings.name)] + deadLetters(settings, dead?.messages ?? 0) }
        return self.status(settings.name, status) + deadLetters(settings, dead?.messages ?? 0)
    }

    /// What the settings themselves make of the broker's `consumer_timeout`.
    package static func consumerTimeouts(_ queues: [QueueSettings], version: RabbitMQVersion?, hasPolicies: Bool) -> [Finding] {
        queues.compactMap { queue in
            guard let needed = TopologyPlan.consumerTimeout(of: queue) else { return nil }
            let milliseconds = Int(needed / .milliseconds(1))
            if hasPolicies, version?.hasConsumerTimeoutPolicy ?? false {
                return Finding(
                    .ok, "queue \(queue.name)", "consumer-timeout \(needed.settingText) by policy, above its time limit")
            }
            return Finding(
                .note, "queue \(queue.name)",
                "a message may stay unacknowledged for \(needed.settingText), but RabbitMQ closes the channel after 30m unless "
                    + "rabbitmq.conf says consumer_timeout = \(milliseconds) or more; a smaller prefetch shortens it")
        }
    }

    private static func missing(_ name: String) -> Finding {
        Finding(.note, "queue \(name)", "not there yet; a worker or `chard topology apply` makes it")
    }

    private static func status(_ name: String, _ status: QueueStatus) -> [Finding] {
        let subject = "queue \(name)"
        guard status.consumers == 0 else {
            return [Finding(.ok, subject, "\(status.messages) waiting, \(status.consumers) consumers")]
        }
        let text = status.messages == 0
            ? "no consumer; start `chard worker -Q \(name)`"
            : "\(status.messages) waiting and no consumer; start `chard worker -Q \(name)`"
        return [Finding(status.messages == 0 ? .note : .problem, subject, text)]
    }

    private static func declaration(_ queue: RabbitMQManagement.Queue) -> [Finding] {
        let lines = QueueDeclarationAdvice.lines(for: queue)
        guard !lines.isEmpty else { return [] }
        let text = "Celery clients must set \(lines.joined(separator: "; ")), or RabbitMQ refuses their declaration (406)"
        return [Finding(.note, "queue \(queue.name)", text)]
    }

    private static func deadLetters(_ queue: QueueSettings, _ count: Int) -> [Finding] {
        guard count > 0 else { return [] }
        let text = "\(count) dead letters; each tells its reason in the header x-chard-reason"
        return [Finding(.problem, "queue \(queue.deadLetterQueue)", text)]
    }

    private static func megabytes(_ bytes: Int) -> String { "\(bytes / 1_000_000) MB" }
}
