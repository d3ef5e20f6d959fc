/// The newest workflows: tasks that sent tasks, chains, groups and chords, by their root.
struct WorkflowsPage: Page {
    struct Model: Sendable {
        var rows: [Row]
        var summary: String
        var newerQuery: String?
        var olderQuery: String?
        var isEmpty: Bool
    }

    struct Row: Sendable {
        var id: String
        var path: String
        var rootName: String
        var rootState: String
        var rootClass: String
        var taskCount: String
        var parts: [Part]
        var partsLabel: String
        var began: FormattedTime
        var newest: FormattedTime
        var workflowState: String
        var workflowClass: String
    }

    /// Of the bar that shows how many are in each state; SVG's units of a hundred.
    struct Part: Sendable {
        var partClass: String
        var partX: String
        var partWidth: String
    }

    static let path = "/workflows"
    static let template = "workflows"
    static let section: Section? = .workflows

    private static let perPage = 40

    private let trail: [String]

    init(_ request: PageRequest) throws(PageError) {
        trail = request.values("at").filter { $0.utf8.count <= 2000 }.suffix(40)
    }

    var topics: Set<Topic> { [.tasks, .every(seconds: 15)] }

    func title(_ model: Model) -> String { "Workflows" }

    func model(_ monitor: Monitor) async throws -> Model {
        let now = Format.now
        let (rows, next) = try await monitor.history.workflows(after: trail.last, limit: Self.perPage)
        let link = { (trail: [String]) in
            trail.isEmpty ? "?" : Format.query(trail.map { (key: "at", value: $0) })
        }
        return Model(
            rows: rows.map { Self.row($0, now) },
            summary: rows.isEmpty ? "" : "Page \(trail.count + 1), the newest first",
            newerQuery: trail.isEmpty ? nil : link(trail.dropLast()),
            olderQuery: next.map { link(trail + [$0]) },
            isEmpty: rows.isEmpty
        )
    }

    private static func row(_ row: WorkflowRow, _ now: Double) -> Row {
        let line = TaskLine(row.root, now: now)
        let states = row.states.filter { $0.value > 0 }
        let (state, style) = whole(states)
        return Row(
            id: row.root.id,
            path: "/workflows/\(Format.path(row.root.rootID ?? row.root.id))",
            rootName: line.taskName,
            rootState: line.state,
            rootClass: line.stateClass,
            taskCount: Format.count(row.tasks),
            parts: parts(states),
            partsLabel: TaskQuery.states.compactMap { name in
                states[name].map { "\(Format.count($0)) \(name)" }
            }.joined(separator: ", "),
            began: Format.time(row.root.sent ?? row.root.received ?? row.root.timestamp, now: now),
            newest: Format.time(row.root.timestamp, now: now),
            workflowState: state,
            workflowClass: style
        )
    }

    /// What the workflow as a whole is doing.
    static func whole(_ states: [String: Int]) -> (String, String) {
        if states["FAILURE"] != nil { return ("has failures", "critical") }
        if ["PENDING", "RECEIVED", "STARTED", "RETRY"].contains(where: { states[$0] != nil }) {
            return ("running", "note")
        }
        if states["REVOKED"] != nil || states["REJECTED"] != nil { return ("was stopped", "warning") }
        return ("done", "good")
    }

    static func parts(_ states: [String: Int]) -> [Part] {
        let total = states.values.reduce(0, +)
        var x = 0.0
        return ["SUCCESS", "FAILURE", "REVOKED", "REJECTED", "RETRY", "STARTED", "RECEIVED", "PENDING"].compactMap {
            name in
            guard let count = states[name], total > 0 else { return nil }
            let width = Double(count) / Double(total) * 100
            defer { x += width }
            return Part(partClass: Format.stateClass(name), partX: text(x), partWidth: text(width))
        }
    }

    private static func text(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}
