/// The statements that are prepared on one connection.
///
/// A statement is prepared when it comes for the second time, so that those that come once (DDL) cost nothing. When the
/// cache is full, all are given back to the server between two transactions and it starts anew.
struct PostgresStatementCache {
    static let capacity = 256

    private var names: [PostgresEncodedStatement.Key: String] = [:]
    private var seenOnce: Set<PostgresEncodedStatement.Key> = []
    private var lastNumber = 0
    /// Whether the server still has statements that are not wanted any more.
    private(set) var needsClearing = false

    /// How a statement is to be sent.
    enum Way {
        case prepared(name: String)
        case prepare(name: String)
        case once
    }

    mutating func way(for key: PostgresEncodedStatement.Key) -> Way {
        if let name = names[key] { return .prepared(name: name) }
        guard seenOnce.contains(key) else {
            if seenOnce.count >= Self.capacity { seenOnce.removeAll() }
            seenOnce.insert(key)
            return .once
        }
        guard names.count < Self.capacity else {
            needsClearing = true
            return .once
        }
        lastNumber += 1
        return .prepare(name: "chard\(lastNumber)")
    }

    /// The server has prepared it.
    mutating func add(_ key: PostgresEncodedStatement.Key, name: String) { names[key] = name }

    /// Statements can't be used any more: the tables below them changed, or somebody deallocated them.
    mutating func invalidate() {
        names.removeAll()
        needsClearing = true
    }

    /// The server has none left.
    mutating func clear() {
        names.removeAll()
        needsClearing = false
    }
}
