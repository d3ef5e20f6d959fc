/// Messages that nobody will ever take.
enum NoConsumerRule: AlertRule {
    static let name = "no-consumer"
    static let summary = "Messages in a queue that has no consumer and is not paused"
    static let unit = AlertUnit.messages
    static let defaults = AlertRuleSettings(threshold: 0, hold: 60, severity: .critical)

    static func readings(_ inputs: AlertInputs, _ settings: AlertRuleSettings) -> [AlertReading]? {
        guard inputs.hasBroker else { return nil }
        return inputs.taskQueues.filter { $0.consumers == 0 && !$0.isPaused }.map { queue in
            let waiting = Double(queue.ready)
            return AlertReading(
                subject: queue.name,
                value: waiting,
                level: AlertReading.above(settings.threshold, waiting),
                text: "\(queue.name) holds \(unit.text(waiting)) and has no consumer",
                advice: "start a worker that consumes \(queue.name), or drop what is in it"
            )
        }
    }
}
