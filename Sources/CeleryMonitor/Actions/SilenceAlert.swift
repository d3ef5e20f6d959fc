/// Has nobody told of an alert for a while, or of all of a rule.
struct SilenceAlert: Action {
    static let name = "alert-silence"

    private let key: AlertKey
    private let minutes: Int

    init(_ form: ActionForm) throws(PageError) {
        let rule = try form.text("rule")
        guard AlertRules.all.contains(where: { $0.name == rule }) else {
            throw .badRequest("there is no rule \(rule.prefix(60))")
        }
        key = AlertKey(rule: rule, subject: String((form.value("subject") ?? "").prefix(300)))
        // 0 ends it.
        minutes = try form.integer("minutes", in: 0...43_200)
    }

    var subject: String { key.subject.isEmpty ? key.rule : "\(key.rule) \(key.subject)" }
    var details: String { minutes == 0 ? "ended" : "\(minutes) minutes" }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        let until = Format.now + Double(minutes) * 60
        try await monitor.alerts.silence(
            AlertSilence(rule: key.rule, subject: key.subject, until: until, who: identity.name),
            monitor
        )
        return minutes == 0
            ? "\(subject) is told of again" : "\(subject) is silent for \(Format.duration(Double(minutes) * 60))"
    }
}
