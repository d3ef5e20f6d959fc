import CeleryWorker

/// Which tasks a bulk action is about: those marked, or all that a search finds, up to a bound and with a typed word.
struct BulkTasks: Sendable {
    static let most = 1000
    private static let pageLength = 200

    let ids: [String]
    /// The search; nil when tasks were marked.
    let query: TaskQuery?

    /// - Parameter word: What must be typed to do it to all that match.
    init(_ form: ActionForm, confirmedBy word: String) throws(PageError) {
        guard form.value("scope") == "all" else {
            ids = Array(Set(form.values("id")))
            query = nil
            guard !ids.isEmpty else { throw .badRequest("No task was marked.") }
            guard ids.count <= Self.most else { throw .badRequest("At most \(Self.most) tasks can be marked at once.") }
            return
        }
        guard form.value("confirm") == word else { throw .badRequest("Type \(word) to confirm.") }
        ids = []
        query = TaskQuery(query: form.value("query") ?? "")
    }

    var subject: String { query.map { "all with \(Format.query($0.pairs()))" } ?? "\(ids.count) tasks" }

    /// Their ids; never more than the bound.
    func found(_ monitor: Monitor) async throws -> [String] {
        guard let query else { return ids }
        let filter = try query.filter(now: Format.now)
        var found: [String] = []
        var next: String?
        repeat {
            let page = try await monitor.history.tasks(filter, after: next, limit: Self.pageLength)
            found += page.tasks.map(\.id)
            next = page.next
        } while next != nil && found.count < Self.most
        return Array(found.prefix(Self.most))
    }
}

/// Sends several tasks once more.
struct TasksRetry: Action {
    static let name = "tasks-retry"

    private let tasks: BulkTasks

    init(_ form: ActionForm) throws(PageError) { tasks = try BulkTasks(form, confirmedBy: "retry") }

    var subject: String { tasks.subject }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        var sent = 0
        var refusals: [String: Int] = [:]
        for id in try await tasks.found(monitor) {
            do {
                _ = try await TaskRepetition.find(id, monitor).send(monitor)
                sent += 1
            } catch PageError.badRequest(let text), PageError.notFound(let text) {
                refusals[text, default: 0] += 1
            }
        }
        let refused = refusals.values.reduce(0, +)
        let why = refusals.max { $0.value < $1.value }.map { " \(Format.count(refused)) could not be: \($0.key)" } ?? ""
        guard sent > 0 || refused == 0 else { throw PageError.badRequest("None was sent again.\(why)") }
        return "\(Format.number(sent, "task was", "tasks were")) sent again.\(why)"
    }
}

/// Revokes several tasks.
struct TasksRevoke: Action {
    static let name = "tasks-revoke"

    private let tasks: BulkTasks

    init(_ form: ActionForm) throws(PageError) { tasks = try BulkTasks(form, confirmedBy: "revoke") }

    var subject: String { tasks.subject }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        let ids = try await tasks.found(monitor)
        if !ids.isEmpty { try await monitor.celery.control.revoke(ids) }
        return "Workers were asked not to run \(Format.number(ids.count, "task"))."
    }
}
