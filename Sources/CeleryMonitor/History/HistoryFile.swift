import Foundation
import GRDB

/// Opens the history's file, and says in a person's words why that fails.
enum HistoryFile {
    /// - Returns: A pool with several readers beside the writer; in memory a single connection.
    /// - Throws: `MonitorError`.
    static func open(_ path: String) throws -> any DatabaseWriter {
        do {
            if path == ":memory:" {
                let queue = try DatabaseQueue(configuration: configuration)
                try HistorySchema.migrator.migrate(queue)
                return queue
            }
            let folder = (path as NSString).deletingLastPathComponent
            if !folder.isEmpty {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
            let pool = try DatabasePool(path: path, configuration: configuration)
            if try pool.read(HistorySchema.migrator.hasBeenSuperseded) {
                throw MonitorError(
                    "opening the history \(path): a newer version of chard wrote it; run that version, or name another "
                        + "file with monitor.history"
                )
            }
            try HistorySchema.migrator.migrate(pool)
            // Nobody else on this machine needs to read what tasks were called with.
            for file in [path, "\(path)-wal", "\(path)-shm"] {
                try? FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            }
            return pool
        } catch let error as MonitorError {
            throw error
        } catch {
            throw MonitorError("opening the history \(path): \(explanation(error))")
        }
    }

    /// What is wrong and how to mend it, in one line.
    static func explanation(_ error: any Error) -> String {
        guard let error = error as? DatabaseError else { return error.localizedDescription }
        let reason = error.message ?? "\(error.resultCode)"
        return switch error.resultCode {
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            "it is damaged or no SQLite file (\(reason)); move it away together with its -wal and -shm, and a new one is begun"
        case .SQLITE_FULL: "the disk is full (\(reason)); make room, or keep less with monitor.max_tasks and max_age"
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
            "it can't be written (\(reason)); make the file and its folder writable, or name another with monitor.history"
        case .SQLITE_BUSY, .SQLITE_LOCKED: "another program holds it (\(reason)); end that program"
        default: reason
        }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "chard.history"
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { db in
            let isWriter = !db.configuration.readonly
            // Before WAL, which writes the first page, after which it can't be chosen any more.
            if isWriter { try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL") }
            // A batch touches thousands of pages, here and there in the indexes. They must find room until its end, and
            // are to be brought into the file once for many batches, not for each.
            let (cache, checkpoint) = isWriter ? (24_000, 16_000) : (4000, 16_000)
            // A killed process loses nothing that was committed; a machine without power the last moments
            // (https://www.sqlite.org/pragma.html#pragma_synchronous).
            try db.execute(
                sql: """
                    PRAGMA synchronous = NORMAL; PRAGMA cache_size = -\(cache); PRAGMA temp_store = MEMORY;
                    PRAGMA wal_autocheckpoint = \(checkpoint); PRAGMA journal_size_limit = 67108864; PRAGMA trusted_schema = OFF;
                    """
            )
        }
        return configuration
    }
}
