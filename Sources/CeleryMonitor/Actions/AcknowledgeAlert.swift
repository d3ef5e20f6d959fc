/// Says that somebody knows of an alert: it is shown apart, and counts no more in the navigation.
struct AcknowledgeAlert: Action {
    static let name = "alert-acknowledge"

    private let key: AlertKey

    init(_ form: ActionForm) throws(PageError) {
        key = AlertKey(rule: try form.text("rule"), subject: form.value("subject") ?? "")
    }

    var subject: String { key.subject.isEmpty ? key.rule : "\(key.rule) \(key.subject)" }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        try await monitor.alerts.acknowledge(key, by: identity.name, monitor)
        return "\(subject) is acknowledged"
    }
}
