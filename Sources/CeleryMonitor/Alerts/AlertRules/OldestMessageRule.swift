/// Messages that nobody takes.
enum OldestMessageRule: AlertRule {
    static let name = "oldest-message"
    static let summary = "Age of the message at the head of a queue, where the broker or Chard knows it"
    static let unit = AlertUnit.seconds
    static let defaults = AlertRuleSettings(threshold: 300, hold: 60, severity: .warning)

    static func readings(_ inputs: AlertInputs, _ settings: AlertRuleSettings) -> [AlertReading]? {
        guard inputs.hasBroker else { return nil }
        return inputs.taskQueues.compactMap { queue in
            guard let oldest = queue.oldest else { return nil }
            let age = max(0, inputs.now - oldest)
            return AlertReading(
                subject: queue.name,
                value: age,
                level: AlertReading.above(settings.threshold, age),
                text: "the oldest message of \(queue.name) has waited for \(Format.duration(age))",
                advice: "add workers, or look whether those of this queue are stuck"
            )
        }
    }
}
