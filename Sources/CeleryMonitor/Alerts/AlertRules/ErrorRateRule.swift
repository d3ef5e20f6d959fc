/// Tasks that fail, of those that end.
enum ErrorRateRule: AlertRule {
    static let name = "error-rate"
    static let summary = "Share of failed tasks among those that ended in the last minute"
    static let unit = AlertUnit.percent
    static let defaults = AlertRuleSettings(threshold: 1, hold: 300, severity: .critical)

    /// Over how many seconds the rate is taken: a minute, or less when the rule's time is shorter.
    static func window(_ settings: AlertRuleSettings) -> Double { min(60, max(10, settings.hold)) }

    static func readings(_ inputs: AlertInputs, _ settings: AlertRuleSettings) -> [AlertReading]? {
        guard let recent = inputs.recent else { return nil }
        let ended = recent.succeeded + recent.failed
        guard ended > 0 else { return [] }
        let percent = Double(recent.failed) / Double(ended) * 100
        return [
            AlertReading(
                subject: "",
                value: percent,
                level: AlertReading.above(settings.threshold, percent),
                text: "\(unit.text(percent)) of tasks fail: \(Format.count(recent.failed)) of \(Format.count(ended))",
                advice: "look at the failed tasks and group them by their exception"
            )
        ]
    }
}
