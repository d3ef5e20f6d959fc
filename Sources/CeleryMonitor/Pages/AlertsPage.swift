/// What fires, what is about to, what is over, the rules with what they measure now, and who is told.
struct AlertsPage: Page {
    struct Row: Sendable {
        var key: String
        var rule: String
        var subject: String
        var severity: String
        var text: String
        var advice: String
        var since: FormattedTime
        /// Of one that is over.
        var lasted: String?
        var isAcknowledged = false
        var isSilent = false
        var canOperate = false
    }

    struct Rule: Sendable {
        var name: String
        var summary: String
        var severity: String
        var threshold: String
        var hold: String
        /// What is measured now, the worst first.
        var values: [Value]
        var more: String?
        var stateKind: String
        var stateText: String
        var isSilent: Bool
        var canOperate: Bool
        /// Whether the table has a column for it.
        var hasTools: Bool
    }

    struct Value: Sendable {
        /// Nil: the whole.
        var subject: String?
        var value: String
        var kind: String
    }

    struct Silence: Sendable {
        var rule: String
        /// Nil: all of the rule's.
        var subject: String?
        var until: FormattedTime
        var who: String
        var canOperate: Bool
    }

    struct Notifier: Sendable {
        var name: String
        var destination: String
        var stateKind: String
        var stateText: String
        var delivered: FormattedTime?
        var count: String
        var waiting: Int
        var lost: Int
        var problem: String?
    }

    struct Model: Sendable {
        var verdictKind: String
        var verdict: String
        var firing: [Row]
        var hasFiring: Bool
        var pending: [Row]
        var hasPending: Bool
        var past: [Row]
        var hasPast: Bool
        var rules: [Rule]
        var silences: [Silence]
        var hasSilences: Bool
        var notifiers: [Notifier]
        var hasNotifiers: Bool
        var isElsewhere: Bool
        var isOff: Bool
        var canOperate: Bool
    }

    static let path = "/alerts"
    static let template = "alerts"
    static let section: Section? = .alerts

    private let canOperate: Bool

    init(_ request: PageRequest) throws(PageError) { canOperate = !request.isReadOnly }

    var topics: Set<Topic> { [.alerts, .every(seconds: 5)] }

    func title(_ model: Model) -> String { model.firing.isEmpty ? "Alerts" : "\(model.firing.count) alerts" }

    func model(_ monitor: Monitor) async throws -> Model {
        let alerts = monitor.alerts
        let silences = alerts.silences
        let firing = alerts.firing.map { row($0, silences) }
        let open = firing.filter { !$0.isAcknowledged }
        let pending = alerts.pending.map(pending)
        let past = try await monitor.history.pastAlerts(limit: 50).map(past)
        let notifiers = alerts.post.status.map(Self.notifier)
        return Model(
            verdictKind: open.first?.severity ?? "good",
            verdict: Self.verdict(firing.count, open.count),
            firing: firing,
            hasFiring: !firing.isEmpty,
            pending: pending,
            hasPending: !pending.isEmpty,
            past: past,
            hasPast: !past.isEmpty,
            rules: AlertRules.all.map { rule($0, alerts, silences) },
            silences: silences.map(silence),
            hasSilences: !silences.isEmpty,
            notifiers: notifiers,
            hasNotifiers: !notifiers.isEmpty,
            isElsewhere: alerts.settings.isEnabled && !monitor.history.isWriter,
            isOff: !alerts.settings.isEnabled,
            canOperate: canOperate
        )
    }

    private func silence(_ silence: AlertSilence) -> Silence {
        Silence(
            rule: silence.rule,
            subject: silence.subject.isEmpty ? nil : silence.subject,
            until: Format.time(silence.until),
            who: silence.who,
            canOperate: canOperate
        )
    }

    private static func verdict(_ firing: Int, _ open: Int) -> String {
        if firing == 0 { return "Nothing fires" }
        let known = firing - open
        let text = "\(Format.number(firing, "alert")) \(firing == 1 ? "fires" : "fire")"
        return known == 0 ? text : "\(text), \(known == firing ? "all" : Format.count(known)) acknowledged"
    }

    private func row(_ alert: FiringAlert, _ silences: [AlertSilence]) -> Row {
        let key = AlertKey(rule: alert.rule, subject: alert.subject)
        return Row(
            key: "\(alert.rule) \(alert.subject)",
            rule: alert.rule,
            subject: alert.subject,
            severity: "\(alert.severity)",
            text: alert.text,
            advice: alert.advice,
            since: Format.time(alert.since),
            isAcknowledged: alert.isAcknowledged,
            isSilent: silences.contains { $0.covers(key, at: Format.now) },
            canOperate: canOperate
        )
    }

    private func pending(_ alert: Alert) -> Row {
        Row(
            key: "\(alert.rule) \(alert.subject)",
            rule: alert.rule,
            subject: alert.subject,
            severity: "\(alert.severity)",
            text: alert.text,
            advice: alert.advice,
            since: Format.time(alert.since)
        )
    }

    private func past(_ alert: PastAlert) -> Row {
        Row(
            key: "\(alert.rule) \(alert.subject) \(alert.fired)",
            rule: alert.rule,
            subject: alert.subject,
            severity: "\(alert.severity)",
            text: alert.text,
            advice: "",
            since: Format.time(alert.resolved),
            lasted: Format.duration(max(0, alert.resolved - alert.fired))
        )
    }

    private func rule(_ rule: any AlertRule.Type, _ alerts: AlertWatch, _ silences: [AlertSilence]) -> Rule {
        let settings = alerts.settings.rules[rule.name] ?? rule.defaults
        let readings = (alerts.readings[rule.name] ?? nil)?.sorted { Self.rank($0) > Self.rank($1) }
        let fires = alerts.firing.contains { $0.rule == rule.name }
        let (kind, text): (String, String) =
            if !settings.isEnabled { ("off", "off") } else if fires { ("\(settings.severity)", "fires") } else {
                readings == nil ? ("note", "not measured") : ("good", "good")
            }
        return Rule(
            name: rule.name,
            summary: rule.summary,
            severity: "\(settings.severity)",
            threshold: rule.unit == .flag
                ? "" : "\(rule.name == CacheHitsRule.name ? "below" : "above") \(rule.unit.text(settings.threshold))",
            hold: settings.hold > 0 ? "for \(Format.duration(settings.hold))" : "at once",
            values: (readings ?? []).prefix(5).map { Self.value($0, rule.unit) },
            more: (readings?.count ?? 0) > 5 ? "and \(Format.count((readings?.count ?? 0) - 5)) more" : nil,
            stateKind: kind,
            stateText: text,
            isSilent: silences.contains { $0.rule == rule.name && $0.subject.isEmpty && $0.until > Format.now },
            canOperate: canOperate && settings.isEnabled,
            hasTools: canOperate
        )
    }

    /// Bad ones first, then the largest value.
    private static func rank(_ reading: AlertReading) -> (Int, Double) {
        (reading.level == .bad ? 2 : reading.level == .near ? 1 : 0, reading.value)
    }

    private static func value(_ reading: AlertReading, _ unit: AlertUnit) -> Value {
        Value(
            subject: reading.subject.isEmpty ? nil : reading.subject,
            value: unit.text(reading.value),
            kind: reading.level == .bad ? "critical" : reading.level == .near ? "warning" : "muted"
        )
    }

    private static func notifier(_ status: AlertPost.Status) -> Notifier {
        let (kind, text): (String, String) =
            if status.problem != nil { ("critical", "fails") } else {
                status.delivered == nil ? ("off", "nothing sent yet") : ("good", "delivers")
            }
        return Notifier(
            name: status.name,
            destination: status.destination,
            stateKind: kind,
            stateText: text,
            delivered: Format.time(status.delivered),
            count: Format.count(status.deliveredCount),
            waiting: status.waiting,
            lost: status.lost,
            problem: status.problem
        )
    }
}
