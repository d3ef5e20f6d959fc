import Hummingbird

/// Every page, action and API of the monitor: a new one is a line here.
enum Routes {
    static let pages: [any Page.Type] = [
        OverviewPage.self, AuditPage.self,
    ]

    static let actions: [any Action.Type] = []

    static let apis: [any API.Type] = [
        HealthcheckAPI.self
    ]
}
