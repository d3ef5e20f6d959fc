import CeleryProtocol
import GRDB
import OrderedCollections

/// Adds a batch of events within one transaction: each task is read and written once, whatever was told of it.
struct EventBatch {
    private let db: Database
    private let maxText: Int
    private let redact: History.Redact
    private let route: History.Route
    private var series: SeriesBatch
    private var accepted = History.Accepted()
    private var added = 0
    /// A task of many attempts keeps the newest moments only.
    static let maxMoments = 200

    init(
        _ db: Database,
        maxText: Int,
        redact: @escaping History.Redact,
        route: @escaping History.Route,
        now: Double
    ) {
        self.db = db
        self.maxText = maxText
        self.redact = redact
        self.route = route
        series = SeriesBatch(now: now)
    }

    mutating func add(_ events: [TaskEventReading]) throws -> History.Accepted {
        var order: [String] = []
        var byTask: [String: [TaskEventReading]] = [:]
        for event in events {
            if byTask[event.id] == nil { order.append(event.id) }
            byTask[event.id, default: []].append(event)
        }
        for id in order { try add(byTask[id] ?? [], to: id) }
        try series.write(to: db)
        try WorkerTable.add(accepted.counts, to: db)
        try Facts.add(added, to: "tasks", db)
        return accepted
    }

    private mutating func add(_ events: [TaskEventReading], to id: String) throws {
        var row = try Self.row(id, db) ?? TaskRow(number: nil, record: TaskRecord(id: id, timestamp: 0))
        let (before, known) = (row, row.number != nil)
        var moments: [TaskMoment] = []
        for event in events {
            let event = redacted(event)
            if row.record.mayKnow(event), try has(event, row.number, or: moments) { continue }
            let (received, started) = (row.record.received, row.record.started)
            let change = row.record.merge(event, maxText: maxText)
            guard !change.isRepeated else { continue }
            moments += change.moments
            count(event, row.record, received: received, started: started)
        }
        guard row.record != before.record || !moments.isEmpty else { return }
        complete(&row.record)
        try write(&row, before: known ? before : nil)
        guard let number = row.number else { return }
        for moment in moments { try write(moment, number) }
    }

    static func row(_ id: String, _ db: Database) throws -> TaskRow? {
        try Row.fetchOne(db.cachedStatement(sql: "\(TaskRow.read) WHERE t.id = ?"), arguments: [id]).map(TaskRow.init)
    }

    // MARK: Fields

    private func redacted(_ event: TaskEventReading) -> TaskEventReading {
        var fields = event.fields
        for key in ["args", "kwargs", "result"] {
            guard case .string(let text) = fields[key] else { continue }
            // Long texts are cut first, but not so short that a name were cut from its value.
            fields[key] = .string(redact(TaskEventReading.cut(text, to: maxText &* 4)))
        }
        return event.with(fields)
    }

    private func complete(_ task: inout TaskRecord) {
        if task.tenant == nil {
            task.tenant = TenantArgument.value(in: task.kwargs) ?? TenantArgument.value(in: task.args)
        }
        if task.queue == nil, let name = task.name { task.queue = route(name) }
    }

    // MARK: Counting

    private mutating func count(_ event: TaskEventReading, _ task: TaskRecord, received: Double?, started: Double?) {
        accepted.events += 1
        let worker = event.isSent ? nil : event.hostname
        var waiting: Double?
        var runtime: Double?
        switch event.subject {
        // What waits for its time does not wait for a worker.
        case "started" where task.eta == nil: waiting = received.map { event.timestamp - $0 }
        case "succeeded": runtime = event.seconds("runtime")
        case "failed": runtime = started.map { event.timestamp - $0 }
        default: break
        }
        series.count(event, name: task.name, worker: worker, runtime: runtime, waiting: waiting)
        if let worker, let path = EventCounts.path(event.subject) {
            accepted.counts[worker, default: EventCounts()][keyPath: path] += 1
        }
    }

    // MARK: Rows

    private mutating func write(_ row: inout TaskRow, before: TaskRow?) throws {
        if before == nil {
            try db.cachedStatement(sql: TaskRow.insert).execute(arguments: row.arguments)
            row.number = db.lastInsertedRowID
            added += 1
        } else if row.record != before?.record {
            try db.cachedStatement(sql: TaskRow.update).execute(arguments: row.arguments)
        }
        guard let number = row.number else { return }
        try TaskTexts.replace(before?.texts, by: row.texts, number, db)
        if before?.foreignRoot == nil, let root = row.foreignRoot { try addToWorkflow(root, row.record.timestamp) }
    }

    private func addToWorkflow(_ root: String, _ time: Double) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO workflows (root, newest, tasks) VALUES (?, ?, 1)
                ON CONFLICT (root) DO UPDATE SET newest = max(newest, excluded.newest), tasks = tasks + 1
                """
        ).execute(arguments: [root, time])
    }

    private func has(_ event: TaskEventReading, _ number: Int64?, or moments: [TaskMoment]) throws -> Bool {
        if moments.contains(where: { $0.type == event.type && $0.time == event.timestamp }) { return true }
        let moment = TaskMoment(type: event.type, time: event.timestamp, worker: nil, text: nil)
        return try number.map { try has(moment, $0) } ?? false
    }

    private func has(_ moment: TaskMoment, _ number: Int64) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT 1 FROM moments WHERE task = ? AND type = ? AND time = ?"),
            arguments: [number, moment.type, moment.time]
        ) ?? false
    }

    private func write(_ moment: TaskMoment, _ number: Int64) throws {
        guard try !has(moment, number) else { return }
        let last = try Int.fetchOne(
            db.cachedStatement(sql: "SELECT max(number) FROM moments WHERE task = ?"),
            arguments: [number]
        )
        let next = (last ?? 0) + 1
        try db.cachedStatement(sql: "INSERT INTO moments VALUES (?, ?, ?, ?, ?, ?)").execute(
            arguments: [number, next, moment.type, moment.time, moment.worker, moment.text]
        )
        guard next > Self.maxMoments else { return }
        try db.cachedStatement(sql: "DELETE FROM moments WHERE task = ? AND number <= ?").execute(
            arguments: [number, next - Self.maxMoments]
        )
    }
}

extension TaskEventReading {
    func with(_ fields: CeleryMap) -> TaskEventReading {
        var copy = self
        copy.fields = fields
        return copy
    }
}

extension EventCounts {
    static func path(_ subject: String) -> (any WritableKeyPath<EventCounts, Int> & Sendable)? { paths[subject] }

    private static let paths: [String: any WritableKeyPath<EventCounts, Int> & Sendable] = [
        "received": \.received, "started": \.started, "succeeded": \.succeeded, "failed": \.failed,
        "retried": \.retried, "revoked": \.revoked, "rejected": \.rejected,
    ]
}
