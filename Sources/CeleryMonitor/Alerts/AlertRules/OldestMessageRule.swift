/// Messages that nobody takes.
enum OldestMessageRule: AlertRule {
    static let name = "oldest-message"
    static let summary =
        "Age of the message at a queue's head; where messages carry no time, at least that, by what was taken since"
    static let unit = AlertUnit.seconds
    static let defaults = AlertRuleSettings(threshold: 300, hold: 60, severity: .warning)

    static func readings(_ inputs: AlertInputs, _ settings: AlertRuleSettings) -> [AlertReading]? {
        guard inputs.hasBroker else { return nil }
        return inputs.taskQueues.compactMap { queue in
            guard let age = queue.oldest.map({ max(0, inputs.now - $0) }) ?? inputs.ages[queue.name] else { return nil }
            return AlertReading(
                subject: queue.name,
                value: age,
                level: AlertReading.above(settings.threshold, age),
                text: "the oldest message of \(queue.name) has waited for \(queue.oldest == nil ? "at least " : "")"
                    + Format.duration(age),
                advice: "add workers, or look whether those of this queue are stuck"
            )
        }
    }
}
