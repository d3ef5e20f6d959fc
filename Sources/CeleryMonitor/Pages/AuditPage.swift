import Foundation

/// Who did what, the newest first.
struct AuditPage: Page {
    struct Row: Sendable {
        var key: String
        var time: FormattedTime
        var who: String
        var address: String
        var action: String
        var subject: String
        var details: String
        var outcome: String
        var isError: Bool
    }

    struct Choice: Sendable {
        var choiceText: String
        var isChosen: Bool
    }

    struct Model: Sendable {
        var rows: [Row]
        var people: [Choice]
        var actions: [Choice]
        var failuresOnly: Bool
        /// The query of the next page; nil on the last.
        var olderQuery: String?
        var isFiltered: Bool
        var isEmpty: Bool
    }

    static let path = "/audit"
    static let template = "audit"
    static let section: Section? = .audit
    private static let rows = 100

    private let filter: AuditFilter

    init(_ request: PageRequest) throws(PageError) {
        filter = AuditFilter(
            who: request.value("who"),
            action: request.value("action"),
            before: request.value("before").flatMap(Double.init),
            failuresOnly: request.value("failed") != nil
        )
    }

    var topics: Set<Topic> { [.audit] }

    func title(_ model: Model) -> String { "Audit" }

    func model(_ monitor: Monitor) async throws -> Model {
        let found = try await monitor.history.audit(filter, limit: Self.rows + 1)
        let names = try await monitor.history.auditNames()
        let shown = found.prefix(Self.rows)
        return Model(
            rows: shown.map(Self.row),
            people: names.who.map { Choice(choiceText: $0, isChosen: $0 == filter.who) },
            actions: names.actions.map { Choice(choiceText: $0, isChosen: $0 == filter.action) },
            failuresOnly: filter.failuresOnly,
            olderQuery: found.count > Self.rows ? shown.last.map { olderQuery($0.time) } : nil,
            isFiltered: filter != AuditFilter(),
            isEmpty: found.isEmpty
        )
    }

    private static func row(_ entry: AuditEntry) -> Row {
        Row(
            key: "\(entry.time)",
            time: Format.time(entry.time),
            who: entry.who,
            address: entry.address,
            action: entry.action,
            subject: entry.subject,
            details: entry.details,
            outcome: entry.outcome,
            isError: entry.isError
        )
    }

    private func olderQuery(_ time: Double) -> String {
        let fields = [
            ("who", filter.who), ("action", filter.action), ("failed", filter.failuresOnly ? "1" : nil),
            ("before", "\(time)"),
        ]
        return "?"
            + fields.compactMap { key, value in
                value?.addingPercentEncoding(withAllowedCharacters: .alphanumerics).map { "\(key)=\($0)" }
            }.joined(separator: "&")
    }
}
