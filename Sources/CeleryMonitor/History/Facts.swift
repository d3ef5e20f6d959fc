import GRDB

/// Single values that the history keeps of itself.
enum Facts {
    static func add(_ difference: Int, to name: String, _ db: Database) throws {
        guard difference != 0 else { return }
        try db.cachedStatement(
            sql: "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value"
        ).execute(arguments: [name, difference])
    }

    static func set(_ value: Double, _ name: String, _ db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        ).execute(arguments: [name, value])
    }

    static func number(_ name: String, _ db: Database) throws -> Double? {
        try Double.fetchOne(db, sql: "SELECT value FROM facts WHERE name = ?", arguments: [name])
    }
}
