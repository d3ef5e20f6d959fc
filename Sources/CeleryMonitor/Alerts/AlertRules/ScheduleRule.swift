/// Runs that the scheduler should have begun.
enum ScheduleRule: AlertRule {
    static let name = "schedule"
    static let summary = "How long a run of the schedule is overdue, as chard beat remembers its runs in Redis"
    static let unit = AlertUnit.seconds
    static let defaults = AlertRuleSettings(threshold: 60, hold: 0, severity: .critical)

    static func readings(_ inputs: AlertInputs, _ settings: AlertRuleSettings) -> [AlertReading]? {
        inputs.schedule?.compactMap { run in
            guard run.hasRun, let next = run.next else { return nil }
            let late = max(0, inputs.now - next)
            return AlertReading(
                subject: run.name,
                value: late,
                level: AlertReading.above(settings.threshold, late),
                text: "\(run.name) should have been sent \(Format.duration(late)) ago",
                advice: "look whether chard beat runs"
            )
        }
    }
}
