import CeleryWorker
import GRDB

/// A filter as SQL that stays quick among millions of tasks.
///
/// Each condition is counted first, up to a limit, along its index. When one is met by few tasks, these are taken and
/// sorted. When all are met by many, the tasks are gone through in the order that is asked for, until the page is full.
/// The indexes for that begin with the state, so for other orders than by name or worker each state gives a page of its
/// own, and the best of these are taken.
struct TaskSelect {
    /// So many tasks are looked at and sorted without a thought: some ten milliseconds.
    private static let few = 20_000
    /// Up to so many matching tasks are counted.
    private static let countable = 5000
    /// Columns whose values can be listed.
    static let dimensions = ["name", "worker", "queue", "tenant"]

    private let db: Database
    private let filter: TaskFilter
    private let conditions: [TaskCondition]
    private let states: [String]
    private let driver: (condition: TaskCondition, count: Int)?

    init(_ filter: TaskFilter, _ db: Database) throws {
        self.db = db
        self.filter = filter
        let known = try Self.values(of: "state", db, limit: 100)
        states = filter.states.isEmpty ? known : filter.states.sorted()
        conditions = try Self.conditions(filter, known, db)
        var best: (condition: TaskCondition, count: Int)?
        for condition in conditions {
            let count = try condition.count(db, upTo: best.map { min(Self.few, $0.count) } ?? Self.few)
            if count < best?.count ?? .max { best = (condition, count) }
        }
        driver = best
    }

    // MARK: Conditions

    private static func conditions(_ filter: TaskFilter, _ states: [String], _ db: Database) throws -> [TaskCondition] {
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
            let span = [filter.from ?? 0, filter.to ?? 1e300]
            all.append(
                .range(.arrived, "arrived >= ? AND arrived < ?", span, states: states, index: "tasks_state_arrived")
            )
        }
        if let least = filter.minimalRuntime {
            all.append(.range(.runtime, "runtime >= ?", [max(least, 0)], states: states, index: "tasks_state_runtime"))
        }
        if let text = filter.text, let words = try words(text, db) {
            let sql = "EXISTS (SELECT 1 FROM words WHERE words MATCH ? AND words.rowid = tasks.number)"
            all.append(TaskCondition(.text, sql, [words]))
        }
        return all
    }

    private static func condition(
        _ kind: TaskCondition.Kind,
        _ column: String,
        _ pattern: String,
        _ db: Database
    ) throws
        -> TaskCondition
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
        return TaskCondition(kind, "\(column) GLOB ?", [glob], index: index)
    }

    /// An expression that FTS5 takes; its tables of letters are older than ours, so it may see two words where we see
    /// one, which it then refuses.
    private static func words(_ text: String, _ db: Database) throws -> String? {
        guard let words = SearchWords.expression(text) else { return nil }
        do {
            _ = try Int.fetchOne(db, sql: "SELECT 1 FROM words WHERE words MATCH ? LIMIT 1", arguments: [words])
            return words
        } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
            return SearchWords.expression(text, onlyASCII: true)
        }
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

    // MARK: Rows

    func rows(after place: TaskPlace?, limit: Int) throws -> [TaskRow] {
        let (sql, arguments) = numbers(after: place, limit: limit)
        let rows = try Row.fetchAll(
            db,
            sql: "\(TaskRow.read) WHERE t.number IN (\(sql))",
            arguments: StatementArguments(arguments)
        ).map(TaskRow.init)
        return rows.map { ($0, TaskPlace($0, filter.order)) }
            .sorted { filter.isDescending ? $1.1.isBefore($0.1) : $0.1.isBefore($1.1) }.map(\.0)
    }

    private typealias SQL = (text: String, arguments: [any DatabaseValueConvertible])

    /// What selects the numbers of a page's tasks.
    private func numbers(after place: TaskPlace?, limit: Int) -> SQL {
        if let text = conditions.first(where: { $0.kind == .text }), drivesByText {
            // What more tasks contain than can be sorted is looked for among the newest of them.
            let newest = "number IN (SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT \(Self.few))"
            return select(index: "NOT INDEXED", (newest, text.arguments), without: .text, place, limit)
        }
        if let driver, driver.count <= Self.few {
            let index = driver.condition.index.map { "INDEXED BY \($0)" } ?? ""
            return select(index: index, driver.condition.driving, without: driver.condition.kind, place, limit)
        }
        switch filter.order {
        case .name: return select(index: "INDEXED BY tasks_name", ("1", []), without: nil, place, limit)
        case .worker: return select(index: "INDEXED BY tasks_worker", ("1", []), without: nil, place, limit)
        case .state:
            return select(index: "INDEXED BY tasks_state_timestamp", ("1", []), without: nil, place, limit)
        case .timestamp:
            if let single = conditions.first(where: \.isSingle), let index = single.index {
                return select(index: "INDEXED BY \(index)", single.driving, without: single.kind, place, limit)
            }
        case .received, .started, .runtime: break
        }
        return union(place, limit)
    }

    private var drivesByText: Bool {
        guard conditions.contains(where: { $0.kind == .text }) else { return false }
        guard let driver else { return true }
        // Looking each of them up in the index of words takes about ten microseconds.
        return driver.condition.kind == .text || driver.count > 2000
    }

    /// The best of each state.
    private func union(_ place: TaskPlace?, _ limit: Int) -> SQL {
        let index = "INDEXED BY tasks_state_\(filter.order == .received ? "arrived" : filter.order.rawValue)"
        let parts = states.map { state in
            select(
                index: index,
                ("state = ?", [state]),
                without: .state,
                place,
                limit,
                columns: "number, \(sortColumn)"
            )
        }
        guard !parts.isEmpty else { return ("SELECT NULL", []) }
        let sources = parts.map { "SELECT * FROM (\($0.text))" }.joined(separator: " UNION ALL ")
        let direction = filter.isDescending ? "DESC" : "ASC"
        return (
            "SELECT number FROM (\(sources)) ORDER BY \(sortColumn) \(direction), number \(direction) LIMIT \(limit)",
            parts.flatMap(\.arguments)
        )
    }

    private var sortColumn: String { filter.order == .received ? "arrived" : filter.order.rawValue }

    private func select(
        index: String,
        _ driving: (sql: String, arguments: [any DatabaseValueConvertible]),
        without kind: TaskCondition.Kind?,
        _ place: TaskPlace?,
        _ limit: Int,
        columns: String = "number"
    ) -> SQL {
        var sql = "SELECT \(columns) FROM tasks \(index) WHERE \(driving.sql)"
        var arguments = driving.arguments
        for condition in conditions where condition.kind != kind {
            sql += " AND \(condition.sql)"
            arguments += condition.arguments
        }
        let isText = [.name, .state, .worker].contains(filter.order)
        let order = isText ? [sortColumn, "timestamp", "number"] : [sortColumn, "number"]
        if let place {
            let comparison = filter.isDescending ? "<" : ">"
            sql +=
                " AND (\(order.joined(separator: ", "))) \(comparison) (\(order.map { _ in "?" }.joined(separator: ", ")))"
            arguments += [place.value] + (isText ? [place.timestamp] : []) + [place.number]
        }
        let direction = filter.isDescending ? "DESC" : "ASC"
        return (
            sql + " ORDER BY \(order.map { "\($0) \(direction)" }.joined(separator: ", ")) LIMIT \(limit)", arguments
        )
    }

    // MARK: Counting

    /// Nil when counting would take too long.
    func total() throws -> Int? {
        guard let driver else { return Int(try Facts.number("tasks", db) ?? 0) }
        if conditions.count == 1 {
            let limit = driver.condition.kind == .text ? Self.few : 200_000
            let count = driver.count <= Self.few ? driver.count : try driver.condition.count(db, upTo: limit)
            return count <= limit ? count : nil
        }
        guard driver.count <= Self.countable else { return nil }
        var (sql, arguments) =
            driver.condition.kind == .text
            ? (driver.condition.sql, driver.condition.arguments) : driver.condition.driving
        if driver.condition.kind == .text { sql = "number IN (SELECT rowid FROM words WHERE words MATCH ?)" }
        for condition in conditions where condition.kind != driver.condition.kind {
            sql += " AND \(condition.sql)"
            arguments += condition.arguments
        }
        let index = driver.condition.index.map { "INDEXED BY \($0)" } ?? ""
        return try Int.fetchOne(
            db,
            sql: "SELECT count(*) FROM tasks \(index) WHERE \(sql)",
            arguments: StatementArguments(arguments)
        )
    }
}

extension TaskPlace {
    func isBefore(_ other: TaskPlace) -> Bool {
        switch (sortValue, other.sortValue) {
        case (.number(let one), .number(let two)) where one != two: one < two
        // As SQLite compares: by bytes.
        case (.text(let one), .text(let two)) where one != two: one.utf8.lexicographicallyPrecedes(two.utf8)
        case (.text, .text) where timestamp != other.timestamp: timestamp < other.timestamp
        default: number < other.number
        }
    }
}
