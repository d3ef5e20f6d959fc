/// Something that must not be, and how it is seen. Pure: a rule reads what was gathered and asks nobody.
///
/// One rule is one type in AlertRules/ and a line in `AlertRules.all`; its threshold, its time and its severity can be
/// changed, or it can be switched off, under `monitor.alerts.rules.<name>`.
protocol AlertRule: Sendable {
    /// E.g. `error-rate`.
    static var name: String { get }
    /// One line for the page: what is measured, and when that is too much. The figures stand beside it.
    static var summary: String { get }
    static var unit: AlertUnit { get }
    static var defaults: AlertRuleSettings { get }

    /// What is measured now, for each subject; nil: it can't be measured, so nothing begins and nothing ends.
    static func readings(_ inputs: AlertInputs, _ settings: AlertRuleSettings) -> [AlertReading]?
}

/// What a rule's threshold and values count.
enum AlertUnit: Sendable, Hashable {
    case percent, seconds, messages
    /// It is so, or it is not: there is no threshold.
    case flag

    func text(_ value: Double) -> String {
        switch self {
        case .percent: Format.percent(value / 100)
        case .seconds: Format.duration(value)
        case .messages: Format.number(Int(min(max(value, -1e15), 1e15)), "message")
        case .flag: value > 0 ? "not in order" : "in order"
        }
    }
}

/// A figure of one subject at a moment.
struct AlertReading: Sendable, Hashable {
    enum Level: Sendable, Hashable {
        case good
        /// Not bad enough to begin an alert, and not good enough to end one.
        case near
        case bad
    }

    /// A queue, a worker, …; empty for the whole.
    var subject: String
    var value: Double
    var level: Level
    /// One line: what is so, with the figure.
    var text: String
    var advice: String

    /// Bad above the threshold, good again when a tenth below it.
    static func above(_ threshold: Double, _ value: Double) -> Level {
        value > threshold ? .bad : value > threshold * 0.9 ? .near : .good
    }

    /// Bad below the threshold, good again when a tenth above it.
    static func below(_ threshold: Double, _ value: Double) -> Level {
        value < threshold ? .bad : value < threshold * 1.1 ? .near : .good
    }
}

/// How a rule is set.
struct AlertRuleSettings: Sendable, Hashable {
    var isEnabled = true
    /// In the rule's unit.
    var threshold: Double
    /// Seconds that it must be so before it fires.
    var hold: Double
    var severity: Finding.Severity

    init(threshold: Double = 0, hold: Double, severity: Finding.Severity) {
        self.threshold = threshold
        self.hold = hold
        self.severity = severity
    }
}
