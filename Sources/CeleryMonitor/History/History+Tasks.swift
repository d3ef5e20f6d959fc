import GRDB

extension History {
    /// A page is no longer than this.
    private static let maxPage = 1000

    /// - Parameters:
    ///   - after: `TaskPage.next` of the page before.
    /// - Throws: `PageError.badRequest` for a place that is none.
    func tasks(_ filter: TaskFilter, after: String?, limit: Int) async throws -> TaskPage {
        let place = try after.map { text in
            guard let place = TaskPlace(text, filter.order) else {
                throw PageError.badRequest("this page of tasks is not there any more; begin with the first one")
            }
            return place
        }
        let limit = min(max(limit, 1), Self.maxPage)
        return try await database.read { db in
            let query = try TaskSelect(filter, db)
            let rows = try query.rows(after: place, limit: limit + 1)
            let page = rows.prefix(limit)
            let next = rows.count > limit ? page.last.map { TaskPlace($0, filter.order).text } : nil
            return TaskPage(tasks: page.map(\.record), next: next, total: try query.total())
        }
    }

    func task(_ id: String) async throws -> TaskRecord? {
        try await database.read { try EventBatch.row(id, $0)?.record }
    }

    /// What happened to a task, in order.
    func moments(_ id: String) async throws -> [TaskMoment] {
        try await database.read { db in
            guard let row = try EventBatch.row(id, db), let number = row.number else { return [] }
            let stored = try Row.fetchAll(
                db,
                sql: "SELECT type, time, worker, text FROM moments WHERE task = ?",
                arguments: [number]
            ).map { TaskMoment(type: $0[0], time: $0[1], worker: $0[2], text: $0[3]) }
            let own = row.record.ownMoments.filter { own in
                !stored.contains { $0.type == own.type && $0.time == own.time }
            }
            return (own + stored).sorted { ($0.time, $0.rank) < ($1.time, $1.rank) }
        }
    }

    /// All tasks of one root, the root among them; the oldest first.
    func workflow(_ root: String, limit: Int) async throws -> [TaskRecord] {
        let limit = min(max(limit, 1), 10_000)
        return try await database.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    \(TaskRow.read) WHERE t.number IN
                    (SELECT number FROM tasks WHERE id = ? UNION SELECT number FROM tasks WHERE root = ?)
                    ORDER BY t.number LIMIT ?
                    """,
                arguments: [root, root, limit]
            )
            return rows.map { TaskRow($0).record }.sorted {
                ($0.sent ?? $0.received ?? $0.timestamp) < ($1.sent ?? $1.received ?? $1.timestamp)
            }
        }
    }

    /// The newest roots that have more than one task: root's record (or that of its oldest task), tasks, and how many
    /// are in each state.
    func workflows(after: String?, limit: Int) async throws -> (rows: [WorkflowRow], next: String?) {
        let place = after.flatMap { TaskPlace($0, .timestamp) }
        let limit = min(max(limit, 1), Self.maxPage)
        return try await database.read { db in
            let roots = try Row.fetchAll(
                db,
                sql: """
                    SELECT root, newest FROM workflows WHERE (newest, root) < (?, ?)
                    ORDER BY newest DESC, root DESC LIMIT ?
                    """,
                arguments: [place?.value ?? .init(value: 1e300), place?.id ?? "", limit + 1]
            )
            let rows = try roots.prefix(limit).compactMap { try Self.workflow($0[0] as String, db) }
            let last = roots.count > limit ? roots.prefix(limit).last : nil
            return (rows, last.map { TaskPlace(value: $0[1], id: $0[0]).text })
        }
    }

    private static func workflow(_ root: String, _ db: Database) throws -> WorkflowRow? {
        let states = try Row.fetchAll(
            db,
            sql: """
                SELECT state, count(*) FROM (SELECT state FROM tasks WHERE root = ?1 LIMIT 20000) GROUP BY 1
                """,
            arguments: [root]
        )
        var counts: [String: Int] = [:]
        for row in states { counts[row[0]] = row[1] }
        let head = try EventBatch.row(root, db)
        if let head { counts[head.record.state, default: 0] += 1 }
        let oldest = try Row.fetchOne(
            db,
            sql: "\(TaskRow.read) WHERE t.root = ? ORDER BY t.number LIMIT 1",
            arguments: [root]
        ).map(TaskRow.init)
        guard let first = head ?? oldest else { return nil }
        return WorkflowRow(root: first.record, tasks: counts.values.reduce(0, +), states: counts)
    }

    /// Names of all tasks in the history, sorted.
    func taskNames() async throws -> [String] { try await values(of: "name") }

    /// The values of a column (`worker`, `queue`, `tenant`) that are there, sorted, at most a thousand.
    func values(of column: String) async throws -> [String] {
        guard TaskSelect.dimensions.contains(column) || column == "state" else { return [] }
        return try await database.read { try TaskSelect.values(of: column, $0, limit: 1000) }
    }

    /// The newest first.
    func audit(before: Double?, limit: Int) async throws -> [AuditEntry] {
        let limit = min(max(limit, 1), Self.maxPage)
        return try await database.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT * FROM audit WHERE time < ? ORDER BY time DESC, number DESC LIMIT ?",
                arguments: [before ?? 1e300, limit]
            )
            return rows.map { row in
                AuditEntry(
                    time: row["time"],
                    who: row["who"],
                    address: row["address"],
                    action: row["action"],
                    subject: row["subject"],
                    details: row["details"],
                    outcome: row["outcome"],
                    isError: row["is_error"]
                )
            }
        }
    }
}

extension TaskMoment {
    /// Of what happened at the same time, the order in which it must have.
    fileprivate var rank: Int {
        ["task-sent", "task-received", "task-started"].firstIndex(of: type) ?? 3
    }
}
