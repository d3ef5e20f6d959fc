import GRDB

extension TaskSelect {
    static func conditions(
        _ filter: TaskFilter,
        _ states: [String],
        _ db: Database,
        few: Int
    ) throws
        -> [TaskCondition]
    {
        var all: [TaskCondition] = []
        if !filter.states.isEmpty {
            all.append(.any(.state, "state", of: filter.states.sorted(), index: "tasks_state_timestamp"))
        }
        let columns: [(TaskCondition.Kind, String, String?)] = [
            (.name, "name", filter.name), (.worker, "worker", filter.worker), (.queue, "queue", filter.queue),
            (.tenant, "tenant", filter.tenant),
        ]
        for case (let kind, let column, let pattern?) in columns {
            all.append(try condition(kind, column, pattern, db))
        }
        if let id = filter.id {
            let end = id + "\u{10FFFF}"
            all.append(TaskCondition(.id, "id >= ? AND id < ?", [id, end], index: "sqlite_autoindex_tasks_1"))
        }
        if let root = filter.root {
            let sql = "number IN (SELECT number FROM tasks WHERE id = ? UNION SELECT number FROM tasks WHERE root = ?)"
            all.append(TaskCondition(.root, sql, [root, root]))
        }
        if filter.from != nil || filter.to != nil {
            let (sql, span) = ("arrived >= ? AND arrived < ?", [filter.from ?? 0, filter.to ?? 1e300])
            all.append(.range(.arrived, sql, span, states: states, index: "tasks_state_arrived"))
        }
        if let least = filter.minimalRuntime {
            all.append(.range(.runtime, "runtime >= ?", [max(least, 0)], states: states, index: "tasks_state_runtime"))
        }
        if let text = filter.text, let condition = try search(text, db, few: few) { all.append(condition) }
        return all
    }

    private static func condition(
        _ kind: TaskCondition.Kind,
        _ column: String,
        _ pattern: String,
        _ db: Database
    )
        throws -> TaskCondition
    {
        let index = "tasks_\(column)"
        guard pattern.contains("*") else { return .any(kind, column, of: [pattern], index: index) }
        let limit = 5000
        let values = try values(of: column, db, limit: limit)
        if values.count < limit {
            let matching = values.filter { StarPattern.matches($0, pattern) }
            return .any(kind, column, of: Array(matching.prefix(1000)), index: index)
        }
        let glob = pattern.replacing("[", with: "[[]").replacing("?", with: "[?]")
        return TaskCondition(kind, "\(column) GLOB ?", [glob])
    }

    /// All of the words. Of a word that more tasks have than can be sorted, those that begin with it are not looked for,
    /// since FTS5 gathers all of these before it gives the first.
    private static func search(_ text: String, _ db: Database, few: Int) throws -> TaskCondition? {
        do {
            return try search(SearchWords.words(text), db, few: few)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
            // FTS5's tables of letters are older than ours, so it may see two words where we see one, and refuse.
            return try search(SearchWords.words(text, onlyASCII: true), db, few: few)
        }
    }

    private static func search(_ words: [String], _ db: Database, few: Int) throws -> TaskCondition? {
        guard !words.isEmpty else { return nil }
        let parts = try words.map { word in
            let exact = SearchWords.expression(word, isBeginning: false)
            let isCommon = try numbers(exact, db, few: few).count > few
            return (text: isCommon ? exact : SearchWords.expression(word, isBeginning: true), isCommon: isCommon)
        }
        let expression = parts.map(\.text).joined(separator: " AND ")
        let found = try numbers(expression, db, few: few)
        return .text(expression, numbers: found, few: few, isExact: parts.allSatisfy(\.isCommon))
    }

    /// Of the newest tasks with the words.
    private static func numbers(_ expression: String, _ db: Database, few: Int) throws -> [Int64] {
        try Int64.fetchAll(
            db,
            sql: "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT \(few + 1)",
            arguments: [expression]
        )
    }

    static func values(of column: String, _ db: Database, limit: Int) throws -> [String] {
        try String.fetchAll(
            db,
            sql: """
                WITH RECURSIVE found(value) AS (
                  SELECT min(\(column)) FROM tasks WHERE \(column) > ''
                  UNION ALL
                  SELECT (SELECT min(\(column)) FROM tasks WHERE \(column) > value) FROM found WHERE value IS NOT NULL
                )
                SELECT value FROM found WHERE value IS NOT NULL LIMIT \(limit)
                """
        )
    }
}
