import GRDB

/// The tables, and how a file of an earlier version becomes one of this.
///
/// Columns by which tasks are sorted are never NULL (-1 and '' stand for none), so that the place of a page is a plain
/// comparison of row values. `root` is NULL for a task that is its own root. The large texts lie apart, so that going
/// along many tasks reads little. There is an index for each order, and one for each filter, in order of time.
enum HistorySchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            for sql in [tasks, taskIndexes, moments, series, others] { try db.execute(sql: sql) }
        }
        migrator.registerMigration("alerts and counters") { db in
            for sql in [alerts, counters] { try db.execute(sql: sql) }
        }
        return migrator
    }

    private static let tasks = """
        CREATE TABLE tasks (
          number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, timestamp REAL NOT NULL,
          name TEXT NOT NULL, worker TEXT NOT NULL, queue TEXT, tenant TEXT,
          arrived REAL NOT NULL, started REAL NOT NULL, runtime REAL NOT NULL,
          root TEXT, parent TEXT, orphaned INTEGER NOT NULL, retries INTEGER NOT NULL, clock INTEGER NOT NULL,
          sent REAL, received REAL, succeeded REAL, failed REAL, retried REAL, revoked REAL, rejected REAL,
          client TEXT, exchange TEXT, routing_key TEXT, eta TEXT, expires TEXT
        );
        CREATE TABLE texts (
          number INTEGER PRIMARY KEY, args TEXT, kwargs TEXT, result TEXT, exception TEXT, traceback TEXT
        );
        CREATE VIRTUAL TABLE words USING fts5(
          name, args, kwargs, result, exception, content='', detail='none', columnsize=0, tokenize='unicode61'
        );
        """

    private static let taskIndexes = """
        CREATE INDEX tasks_state_timestamp ON tasks(state, timestamp, arrived);
        CREATE INDEX tasks_state_arrived ON tasks(state, arrived);
        CREATE INDEX tasks_state_started ON tasks(state, started, arrived);
        CREATE INDEX tasks_state_runtime ON tasks(state, runtime, arrived);
        CREATE INDEX tasks_name ON tasks(name, timestamp);
        CREATE INDEX tasks_worker ON tasks(worker, timestamp);
        CREATE INDEX tasks_queue ON tasks(queue, timestamp) WHERE queue IS NOT NULL;
        CREATE INDEX tasks_tenant ON tasks(tenant, timestamp) WHERE tenant IS NOT NULL;
        CREATE INDEX tasks_root ON tasks(root) WHERE root IS NOT NULL;
        CREATE INDEX tasks_open ON tasks(worker, orphaned) WHERE state IN ('RECEIVED', 'STARTED');
        """

    /// Moments that a task's own columns have no room for: earlier attempts, and what was told beside.
    private static let moments = """
        CREATE TABLE moments (
          task INTEGER NOT NULL, number INTEGER NOT NULL, type TEXT NOT NULL, time REAL NOT NULL, worker TEXT, text TEXT,
          PRIMARY KEY (task, number)
        ) WITHOUT ROWID;
        CREATE TABLE workflows (root TEXT PRIMARY KEY, newest REAL NOT NULL, tasks INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX workflows_newest ON workflows(newest, root);
        """

    /// `kind`: 0 all, 1 a task's name, 2 a worker. The histograms are those of `LogHistogram`.
    private static let series = """
        CREATE TABLE series (
          step INTEGER NOT NULL, kind INTEGER NOT NULL, key TEXT NOT NULL, time INTEGER NOT NULL,
          sent INTEGER NOT NULL, received INTEGER NOT NULL, started INTEGER NOT NULL, succeeded INTEGER NOT NULL,
          failed INTEGER NOT NULL, retried INTEGER NOT NULL, revoked INTEGER NOT NULL, rejected INTEGER NOT NULL,
          runtime BLOB, waiting BLOB, PRIMARY KEY (step, kind, key, time)
        ) WITHOUT ROWID;
        CREATE INDEX series_time ON series(step, time);
        CREATE TABLE depths (
          step INTEGER NOT NULL, queue TEXT NOT NULL, time REAL NOT NULL, ready INTEGER NOT NULL,
          unacknowledged INTEGER NOT NULL, consumers INTEGER NOT NULL, published REAL NOT NULL, delivered REAL NOT NULL,
          PRIMARY KEY (step, queue, time)
        ) WITHOUT ROWID;
        CREATE INDEX depths_time ON depths(step, time);
        """

    private static let others = """
        CREATE TABLE workers (
          name TEXT PRIMARY KEY, heard REAL NOT NULL, pid INTEGER, software TEXT,
          received INTEGER NOT NULL DEFAULT 0, started INTEGER NOT NULL DEFAULT 0, succeeded INTEGER NOT NULL DEFAULT 0,
          failed INTEGER NOT NULL DEFAULT 0, retried INTEGER NOT NULL DEFAULT 0, revoked INTEGER NOT NULL DEFAULT 0,
          rejected INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;
        CREATE TABLE audit (
          number INTEGER PRIMARY KEY, time REAL NOT NULL, who TEXT NOT NULL, address TEXT NOT NULL,
          action TEXT NOT NULL, subject TEXT NOT NULL, details TEXT NOT NULL, outcome TEXT NOT NULL,
          is_error INTEGER NOT NULL
        );
        CREATE INDEX audit_time ON audit(time);
        CREATE TABLE gaps (number INTEGER PRIMARY KEY, begins REAL NOT NULL, ends REAL NOT NULL, reason TEXT NOT NULL);
        CREATE INDEX gaps_ends ON gaps(ends);
        CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
        """
}
