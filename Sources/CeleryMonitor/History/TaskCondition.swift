import GRDB

/// One condition on tasks, and how to find the tasks that meet it without looking at the others.
struct TaskCondition {
    enum Kind: Hashable {
        case state, name, worker, queue, tenant, id, root, arrived, runtime, text
    }

    var kind: Kind
    /// On a row of `tasks`.
    var sql: String
    var arguments: [any DatabaseValueConvertible]
    /// What finds the rows by `index`; nil: `sql` does.
    var drivingSQL: String?
    var drivingArguments: [any DatabaseValueConvertible] = []
    var index: String?
    /// It stands for a single value of a column that has an index in order of time.
    var isSingle = false

    var driving: (sql: String, arguments: [any DatabaseValueConvertible]) {
        drivingSQL.map { ($0, drivingArguments + arguments) } ?? (sql, arguments)
    }

    init(_ kind: Kind, _ sql: String, _ arguments: [any DatabaseValueConvertible], index: String? = nil) {
        self.kind = kind
        self.sql = sql
        self.arguments = arguments
        self.index = index
    }

    /// A column is one of those values; none: nothing is.
    static func any(_ kind: Kind, _ column: String, of values: [String], index: String) -> TaskCondition {
        let marks = values.map { _ in "?" }.joined(separator: ", ")
        var condition = TaskCondition(kind, "\(column) IN (\(marks))", values, index: index)
        if values.count == 1 {
            condition.sql = "\(column) = ?"
            condition.isSingle = kind != .state
        }
        return condition
    }

    /// A range within each state, by the index that has the state first.
    static func range(
        _ kind: Kind,
        _ sql: String,
        _ arguments: [Double],
        states: [String],
        index: String
    )
        -> TaskCondition
    {
        var condition = TaskCondition(kind, sql, arguments, index: index)
        condition.drivingSQL = "state IN (\(states.map { _ in "?" }.joined(separator: ", "))) AND \(sql)"
        condition.drivingArguments = states
        return condition
    }

    /// How many tasks meet it, counted up to a limit.
    func count(_ db: Database, upTo limit: Int) throws -> Int {
        let (sql, arguments) = driving
        let source =
            kind == .text
            ? "SELECT rowid FROM words WHERE words MATCH ?"
            : "SELECT 1 FROM tasks \(index.map { "INDEXED BY \($0)" } ?? "") WHERE \(sql)"
        return try Int.fetchOne(
            db,
            sql: "SELECT count(*) FROM (\(source) LIMIT \(limit + 1))",
            arguments: StatementArguments(arguments)
        ) ?? 0
    }
}
