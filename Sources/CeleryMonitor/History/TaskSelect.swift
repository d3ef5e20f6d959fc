import GRDB

/// A filter as SQL that stays quick among millions of tasks.
///
/// Each condition is counted first, up to a limit, along its index. When one is met by few tasks, these are taken and
/// sorted. When all are met by many, the tasks are gone through in the order that is asked for, until the page is full.
/// The indexes for that begin with the state, so for other orders than by name or worker each state gives a page of its
/// own, and the best of these are taken; states in which no task can meet the conditions are left out.
struct TaskSelect {
    typealias SQL = (text: String, arguments: TaskCondition.Arguments)

    /// So many tasks are looked at and sorted without a thought: some ten milliseconds.
    static let few = 20_000
    /// Up to so many matching tasks are counted.
    private static let countable = 5000
    /// Columns whose values can be listed.
    static let dimensions = ["name", "worker", "queue", "tenant"]

    private let db: Database
    private let few: Int
    private let filter: TaskFilter
    private let conditions: [TaskCondition]
    private let states: [String]
    /// The condition that the fewest tasks meet.
    private let driver: (condition: TaskCondition, count: Int)?

    init(_ filter: TaskFilter, _ db: Database, few: Int = Self.few) throws {
        self.db = db
        self.few = few
        self.filter = filter
        let known = try Self.values(of: "state", db, limit: 100)
        let conditions = try Self.conditions(filter, known, db, few: few)
        states = try (filter.states.isEmpty ? known : filter.states.sorted()).filter { state in
            try conditions.allSatisfy { try $0.exists(in: state, db) }
        }
        var best: (condition: TaskCondition, count: Int)?
        for condition in conditions {
            let count = try condition.count(db, upTo: best.map { min(few, $0.count) } ?? few)
            if count < best?.count ?? .max { best = (condition, count) }
        }
        if best?.count ?? 0 > few, let limited = conditions.first(where: \.isLimited) { best = (limited, few) }
        (self.conditions, driver) = (conditions, best)
    }

    // MARK: Rows

    func rows(after place: TaskPlace?, limit: Int) throws -> [TaskRow] {
        guard !states.isEmpty else { return [] }
        let (sql, arguments) = numbers(after: place, limit: limit)
        let rows = try Row.fetchAll(
            db,
            sql: "\(TaskRow.read) WHERE t.number IN (\(sql))",
            arguments: StatementArguments(arguments)
        ).map(TaskRow.init)
        return rows.map { ($0, TaskPlace($0, filter.order)) }
            .sorted { filter.isDescending ? $1.1.isBefore($0.1) : $0.1.isBefore($1.1) }.map(\.0)
    }

    /// What selects the numbers of a page's tasks.
    func numbers(after place: TaskPlace?, limit: Int) -> SQL {
        if let driver, driver.count <= few {
            return select(
                driver.condition.indexed,
                driver.condition.driving,
                without: driver.condition.kind,
                place,
                limit
            )
        }
        switch filter.order {
        case .name, .worker:
            return select("INDEXED BY tasks_\(filter.order.rawValue)", ("1", []), without: nil, place, limit)
        case .state: return select("INDEXED BY tasks_state_timestamp", ("1", []), without: nil, place, limit)
        case .timestamp:
            if let single = conditions.first(where: \.isSingle) {
                return select(single.indexed, single.driving, without: single.kind, place, limit)
            }
        case .received, .started, .runtime: break
        }
        return union(place, limit)
    }

    /// The best of each state.
    private func union(_ place: TaskPlace?, _ limit: Int) -> SQL {
        let columns = "number, " + sortColumns.dropLast().joined(separator: ", ")
        let parts = states.map { state in
            let driving: SQL = ("state = ?", [state])
            return select(
                "INDEXED BY tasks_state_\(sortColumns[0])",
                driving,
                without: .state,
                place,
                limit,
                columns: columns
            )
        }
        let sources = parts.map { "SELECT * FROM (\($0.text))" }.joined(separator: " UNION ALL ")
        return ("SELECT number FROM (\(sources)) \(ordering) LIMIT \(limit)", parts.flatMap(\.arguments))
    }

    /// Those of the indexes; the row's number last, which every index ends with.
    private var sortColumns: [String] {
        switch filter.order {
        case .name, .worker, .state: [filter.order.rawValue, "timestamp", "number"]
        case .timestamp, .started, .runtime: [filter.order.rawValue, "arrived", "number"]
        case .received: ["arrived", "number"]
        }
    }

    private var ordering: String {
        let direction = filter.isDescending ? "DESC" : "ASC"
        return "ORDER BY " + sortColumns.map { "\($0) \(direction)" }.joined(separator: ", ")
    }

    private func select(
        _ index: String,
        _ driving: SQL,
        without kind: TaskCondition.Kind?,
        _ place: TaskPlace?,
        _ limit: Int,
        columns: String = "number"
    ) -> SQL {
        var sql = "SELECT \(columns) FROM tasks \(index) WHERE \(driving.text)"
        var arguments = driving.arguments
        for condition in conditions where condition.kind != kind {
            sql += " AND \(condition.sql)"
            arguments += condition.arguments
        }
        if let place {
            let marks = sortColumns.map { _ in "?" }.joined(separator: ", ")
            sql += " AND (\(sortColumns.joined(separator: ", "))) \(filter.isDescending ? "<" : ">") (\(marks))"
            arguments += [place.value] + (sortColumns.count == 3 ? [place.tie] : []) + [place.number]
        }
        return ("\(sql) \(ordering) LIMIT \(limit)", arguments)
    }

    // MARK: Counting

    /// Nil when counting would take too long.
    func total() throws -> Int? {
        guard let driver else { return Int(try Facts.number("tasks", db) ?? 0) }
        if conditions.count == 1 {
            guard !driver.condition.isLimited else { return nil }
            let limit = driver.condition.kind == .text ? few : 200_000
            let count = driver.count <= few ? driver.count : try driver.condition.count(db, upTo: limit)
            return count <= limit ? count : nil
        }
        guard driver.count <= Self.countable else { return nil }
        var (sql, arguments) = driver.condition.driving
        for condition in conditions where condition.kind != driver.condition.kind {
            sql += " AND \(condition.sql)"
            arguments += condition.arguments
        }
        return try Int.fetchOne(
            db,
            sql: "SELECT count(*) FROM tasks \(driver.condition.indexed) WHERE \(sql)",
            arguments: StatementArguments(arguments)
        )
    }
}
