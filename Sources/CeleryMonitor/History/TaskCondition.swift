import Foundation
import GRDB

/// One condition on tasks, and how to find the tasks that meet it without looking at the others.
struct TaskCondition {
    typealias Arguments = [any DatabaseValueConvertible]

    enum Kind: Hashable {
        case state, name, worker, queue, tenant, id, root, arrived, runtime, text
    }

    var kind: Kind
    /// On a row of `tasks`.
    var sql: String
    var arguments: Arguments
    /// The index by which `drivingSQL` finds the rows.
    var index: String?
    /// What finds the rows; nil: `sql` does.
    var drivingSQL: String?
    var drivingArguments: Arguments = []
    /// It stands for a single value of a column that has an index in order of time.
    var isSingle = false
    /// More tasks meet it than can be looked at, so it stands for the newest of them.
    var isLimited = false
    /// How many meet it, where that is known already.
    var knownCount: Int?

    var driving: TaskSelect.SQL { (drivingSQL ?? sql, drivingSQL == nil ? arguments : drivingArguments) }

    init(_ kind: Kind, _ sql: String, _ arguments: Arguments, index: String? = nil) {
        self.kind = kind
        self.sql = sql
        self.arguments = arguments
        self.index = index
    }

    /// A column is one of those values; none: nothing is.
    static func any(_ kind: Kind, _ column: String, of values: [String], index: String) -> TaskCondition {
        guard !values.isEmpty else { return TaskCondition(kind, "0", []) }
        let marks = values.map { _ in "?" }.joined(separator: ", ")
        var condition = TaskCondition(kind, "\(column) IN (\(marks))", values, index: index)
        if values.count == 1 {
            condition.sql = "\(column) = ?"
            condition.isSingle = kind != .state
        }
        return condition
    }

    /// A range within each state, by the index that has the state first.
    static func range(_ kind: Kind, _ sql: String, _ arguments: [Double], states: [String], index: String) -> Self {
        var condition = TaskCondition(kind, sql, arguments, index: index)
        condition.drivingSQL = "state IN (\(states.map { _ in "?" }.joined(separator: ", "))) AND \(sql)"
        condition.drivingArguments = states + arguments
        return condition
    }

    /// Tasks with these words: the newest few of those whose numbers are given, when there are more.
    static func text(_ expression: String, numbers: [Int64], few: Int, isExact: Bool) -> Self {
        let isBroad = numbers.count > few
        let list = "[\(numbers.prefix(few).map(String.init).joined(separator: ","))]"
        var condition = TaskCondition(.text, "number IN (SELECT value FROM json_each(?))", [list])
        (condition.drivingSQL, condition.drivingArguments) = (condition.sql, [list])
        condition.knownCount = numbers.count
        condition.isLimited = isBroad && !isExact
        if isBroad && isExact {
            // One look into the index of words for each task takes some microseconds, as long as no word is a beginning.
            condition.sql = "EXISTS (SELECT 1 FROM words WHERE words MATCH ? AND words.rowid = tasks.number)"
            condition.arguments = [expression]
        }
        return condition
    }

    /// How many tasks meet it, counted up to a limit.
    func count(_ db: Database, upTo limit: Int) throws -> Int {
        if let knownCount { return knownCount }
        let (sql, arguments) = driving
        return try Int.fetchOne(
            db,
            sql: "SELECT count(*) FROM (SELECT 1 FROM tasks \(indexed) WHERE \(sql) LIMIT \(limit + 1))",
            arguments: StatementArguments(arguments)
        ) ?? 0
    }

    var indexed: String { kind == .text ? "NOT INDEXED" : index.map { "INDEXED BY \($0)" } ?? "" }

    /// Whether any task of that state meets a range.
    func exists(in state: String, _ db: Database) throws -> Bool {
        guard kind == .arrived || kind == .runtime else { return true }
        return try Bool.fetchOne(
            db,
            sql: "SELECT 1 FROM tasks \(indexed) WHERE state = ? AND \(sql) LIMIT 1",
            arguments: StatementArguments([state] + arguments)
        ) ?? false
    }
}
