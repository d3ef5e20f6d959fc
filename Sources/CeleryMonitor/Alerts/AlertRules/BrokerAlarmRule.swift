/// The broker takes no messages.
enum BrokerAlarmRule: AlertRule {
    static let name = "broker-alarm"
    static let summary = "An alarm of the broker (memory or disk): it takes no messages while one is in force"
    static let unit = AlertUnit.flag
    static let defaults = AlertRuleSettings(hold: 0, severity: .critical)

    static func readings(_ inputs: AlertInputs, _ settings: AlertRuleSettings) -> [AlertReading]? {
        guard inputs.hasBroker else { return nil }
        return inputs.broker.alarms.map { alarm in
            AlertReading(
                subject: String(alarm.prefix(200)),
                value: 1,
                level: .bad,
                text: "the broker has an alarm: \(alarm.prefix(300))",
                advice: "free memory or disk at the broker; publishers wait meanwhile"
            )
        }
    }
}
