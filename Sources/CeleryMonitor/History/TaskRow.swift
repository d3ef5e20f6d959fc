import GRDB

/// A task as it lies in the tables `tasks` and `texts`.
struct TaskRow {
    /// The row's; nil: not in the file yet.
    var number: Int64?
    var record: TaskRecord

    /// The large texts, which are written and indexed only when one of them has changed.
    struct Texts: Hashable {
        var name: String?
        var args: String?
        var kwargs: String?
        var result: String?
        var exception: String?
        var traceback: String?
    }

    var texts: Texts {
        Texts(
            name: record.name,
            args: record.args,
            kwargs: record.kwargs,
            result: record.result,
            exception: record.exception,
            traceback: record.traceback
        )
    }

    static let columns = """
        t.number, t.id, t.state, t.timestamp, t.name, t.worker, t.queue, t.tenant, t.started, t.runtime, t.root, t.parent,
        t.orphaned, t.retries, t.clock, t.sent, t.received, t.succeeded, t.failed, t.retried, t.revoked, t.rejected,
        t.client, t.exchange, t.routing_key, t.eta, t.expires, x.args, x.kwargs, x.result, x.exception, x.traceback
        """

    static let read = "SELECT \(columns) FROM tasks t LEFT JOIN texts x ON x.number = t.number"

    init(number: Int64?, record: TaskRecord) {
        self.number = number
        self.record = record
    }

    /// A row of `read`.
    init(_ row: Row) {
        number = row[0]
        let id: String = row[1]
        var record = TaskRecord(id: id, timestamp: row[3])
        record.state = row[2]
        record.name = Self.some(row[4])
        record.worker = Self.some(row[5])
        record.queue = row[6]
        record.tenant = row[7]
        record.started = Self.some(row[8])
        record.runtime = Self.some(row[9])
        record.rootID = row[10] ?? id
        record.parentID = row[11]
        record.isOrphaned = row[12]
        record.retries = row[13]
        record.clock = row[14]
        record.sent = row[15]
        record.received = row[16]
        record.succeeded = row[17]
        record.failed = row[18]
        record.retried = row[19]
        record.revoked = row[20]
        record.rejected = row[21]
        record.client = row[22]
        record.exchange = row[23]
        record.routingKey = row[24]
        record.eta = row[25]
        record.expires = row[26]
        record.args = row[27]
        record.kwargs = row[28]
        record.result = row[29]
        record.exception = row[30]
        record.traceback = row[31]
        self.record = record
    }

    private static func some(_ text: String) -> String? { text.isEmpty ? nil : text }
    private static func some(_ number: Double) -> Double? { number < 0 ? nil : number }

    /// When it was first told of, as far as that is known.
    var arrived: Double { record.received ?? record.sent ?? record.timestamp }

    /// Of a task that is not its own root.
    var foreignRoot: String? { record.rootID == record.id ? nil : record.rootID }

    /// In the order of `assignments`, the id last.
    var arguments: StatementArguments {
        let task = record
        var values: [(any DatabaseValueConvertible)?] = [
            task.state, task.timestamp, task.name ?? "", task.worker ?? "", task.queue, task.tenant,
        ]
        values += [arrived, task.started ?? -1, task.runtime ?? -1]
        values += [foreignRoot, task.parentID, task.isOrphaned, task.retries, task.clock]
        values += [task.sent, task.received, task.succeeded, task.failed, task.retried, task.revoked, task.rejected]
        values += [task.client, task.exchange, task.routingKey, task.eta, task.expires, task.id]
        return StatementArguments(values)
    }

    private static let assignments = [
        "state", "timestamp", "name", "worker", "queue", "tenant", "arrived", "started", "runtime", "root", "parent",
        "orphaned", "retries", "clock", "sent", "received", "succeeded", "failed", "retried", "revoked", "rejected",
        "client", "exchange", "routing_key", "eta", "expires",
    ]

    static let insert = """
        INSERT INTO tasks (\(assignments.joined(separator: ", ")), id)
        VALUES (\(assignments.map { _ in "?" }.joined(separator: ", ")), ?)
        """

    static let update = "UPDATE tasks SET \(assignments.map { "\($0) = ?" }.joined(separator: ", ")) WHERE id = ?"
}
