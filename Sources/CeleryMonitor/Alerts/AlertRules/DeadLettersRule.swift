/// Messages that could not be run.
enum DeadLettersRule: AlertRule {
    static let name = "dead-letters"
    static let summary = "Messages that came into a dead-letter queue in the last ten minutes"
    static let unit = AlertUnit.messages
    static let defaults = AlertRuleSettings(threshold: 0, hold: 0, severity: .warning)
    /// Seconds over which the growth is taken.
    static let window = 600.0

    static func readings(_ inputs: AlertInputs, _ settings: AlertRuleSettings) -> [AlertReading]? {
        guard inputs.hasBroker, let samples = inputs.deadLetters else { return nil }
        return inputs.broker.queues.filter { QueueNaming.isDeadLetter($0.name) }.map { queue in
            let before = samples[queue.name]?.filter { $0.time >= inputs.now - window }.map(\.ready).min()
            // A queue that was not there a while ago has grown from nothing.
            let grown = Double(queue.ready - min(before ?? 0, queue.ready))
            return AlertReading(
                subject: queue.name,
                value: grown,
                level: AlertReading.above(settings.threshold, grown),
                text:
                    "\(queue.name) has grown by \(unit.text(grown)) in ten minutes and holds \(Format.count(queue.ready))",
                advice: "look at the reasons on the page Dead letters; mend them and requeue"
            )
        }
    }
}
