/// The broker's management API does not answer.
enum BrokerSilentRule: AlertRule {
    static let name = "broker-silent"
    static let summary = "The broker's management API does not answer, so that queues can't be watched"
    static let unit = AlertUnit.flag
    static let defaults = AlertRuleSettings(hold: 60, severity: .critical)

    static func readings(_ inputs: AlertInputs, _ settings: AlertRuleSettings) -> [AlertReading]? {
        guard let problem = inputs.broker.problem else { return [] }
        return [
            AlertReading(
                subject: "",
                value: 1,
                level: .bad,
                text: "the broker can't be watched: \(problem.prefix(300))",
                advice: "look whether the broker runs, and at management.url"
            )
        ]
    }
}
