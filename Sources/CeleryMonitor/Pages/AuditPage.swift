/// Who did what, the newest first.
struct AuditPage: Page {
    struct Row: Sendable {
        var time: String
        var who: String
        var address: String
        var action: String
        var subject: String
        var details: String
        var outcome: String
        var isError: Bool
    }

    struct Model: Sendable {
        var rows: [Row]
        var who: String
        var action: String
        /// The query of the next page; nil on the last.
        var next: String?
        var isFiltered: Bool
        var isEmpty: Bool
    }

    static let path = "/audit"
    static let template = "audit"
    static let section: Section? = .audit

    private let who: String?
    private let action: String?
    private let before: Double?

    init(_ request: PageRequest) throws(PageError) {
        who = request.value("who")
        action = request.value("action")
        before = request.value("before").flatMap(Double.init)
    }

    var topics: Set<Topic> { [.audit] }

    func title(_ model: Model) -> String { "Audit" }

    func model(_ monitor: Monitor) async throws -> Model {
        let entries = try await monitor.history.audit(before: before, limit: 100)
        return Model(
            rows: entries.map {
                Row(
                    time: "\($0.time)",
                    who: $0.who,
                    address: $0.address,
                    action: $0.action,
                    subject: $0.subject,
                    details: $0.details,
                    outcome: $0.outcome,
                    isError: $0.isError
                )
            },
            who: who ?? "",
            action: action ?? "",
            next: nil,
            isFiltered: who != nil || action != nil,
            isEmpty: entries.isEmpty
        )
    }
}
