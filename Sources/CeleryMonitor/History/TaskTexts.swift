import GRDB

/// The large texts of a task, and the index of their words.
enum TaskTexts {
    static func replace(_ old: TaskRow.Texts?, by new: TaskRow.Texts, _ number: Int64, _ db: Database) throws {
        guard old != new else { return }
        if let old { try unindex(old, number, db) }
        try db.cachedStatement(
            sql: "INSERT INTO words (rowid, name, args, kwargs, result, exception) VALUES (?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [number, new.name, new.args, new.kwargs, new.result, new.exception])
        guard [new.args, new.kwargs, new.result, new.exception, new.traceback].contains(where: { $0 != nil }) else {
            return
        }
        try db.cachedStatement(
            sql:
                "INSERT OR REPLACE INTO texts (number, args, kwargs, result, exception, traceback) VALUES (?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [number, new.args, new.kwargs, new.result, new.exception, new.traceback])
    }

    /// An index without content must be told what it holds (https://www.sqlite.org/fts5.html#the_delete_command).
    static func unindex(_ old: TaskRow.Texts, _ number: Int64, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO words (words, rowid, name, args, kwargs, result, exception)
                VALUES ('delete', ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [number, old.name, old.args, old.kwargs, old.result, old.exception])
    }
}
