/// Sends a test to everybody who is told of alerts.
struct TestAlerts: Action {
    static let name = "alert-test"

    init(_ form: ActionForm) throws(PageError) {}

    var subject: String { "notifiers" }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        let notifiers = monitor.alerts.test(now: Format.now)
        guard !notifiers.isEmpty else {
            throw PageError.badRequest("nobody is told of alerts: name a webhook, slack or email under monitor.alerts")
        }
        return "a test is on its way by \(notifiers.map(\.name).joined(separator: ", ")); see below what becomes of it"
    }
}
