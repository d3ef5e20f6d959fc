import GRDB

extension HistorySchema {
    /// `alerts`: those that are pending or fire. `past_alerts`: those that are over. `silences`: of whom nobody is told;
    /// `subject` is empty for all subjects of the rule.
    static let alerts = """
        CREATE TABLE alerts (
          rule TEXT NOT NULL, subject TEXT NOT NULL, severity INTEGER NOT NULL, phase TEXT NOT NULL, since REAL NOT NULL,
          fired REAL, good_since REAL, value REAL NOT NULL, text TEXT NOT NULL, advice TEXT NOT NULL,
          acknowledged_by TEXT, is_told INTEGER NOT NULL, PRIMARY KEY (rule, subject)
        ) WITHOUT ROWID;
        CREATE TABLE past_alerts (
          number INTEGER PRIMARY KEY, rule TEXT NOT NULL, subject TEXT NOT NULL, severity INTEGER NOT NULL,
          text TEXT NOT NULL, fired REAL NOT NULL, resolved REAL NOT NULL, acknowledged_by TEXT
        );
        CREATE TABLE silences (
          rule TEXT NOT NULL, subject TEXT NOT NULL, until REAL NOT NULL, who TEXT NOT NULL, PRIMARY KEY (rule, subject)
        ) WITHOUT ROWID;
        """
}

extension History {
    /// Alerts that are over at most; the oldest make room.
    private static let maxPast = 10_000

    /// What is pending or fires, as it was stored, and what is silenced.
    func alerts() async throws -> (alerts: [Alert], silences: [AlertSilence]) {
        try await database.read { db in
            let alerts = try Row.fetchAll(db, sql: "SELECT * FROM alerts").map(Alert.init)
            let silences = try Row.fetchAll(db, sql: "SELECT * FROM silences").map { row in
                AlertSilence(rule: row["rule"], subject: row["subject"], until: row["until"], who: row["who"])
            }
            return (alerts, silences)
        }
    }

    /// The newest first.
    func pastAlerts(limit: Int) async throws -> [PastAlert] {
        try await database.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM past_alerts ORDER BY number DESC LIMIT ?", arguments: [limit]).map(
                PastAlert.init
            )
        }
    }

    /// Writes all alerts as they are, and those that are over.
    ///
    /// - Returns: Whether this process is the writer.
    func store(_ alerts: [Alert], _ silences: [AlertSilence], past: [PastAlert]) async throws -> Bool {
        let done: Void? = try await write("storing alerts") { db in
            try db.execute(sql: "DELETE FROM alerts")
            try db.execute(sql: "DELETE FROM silences")
            for alert in alerts { try Self.insert(alert, db) }
            for silence in silences {
                try db.execute(
                    sql: "INSERT OR REPLACE INTO silences VALUES (?, ?, ?, ?)",
                    arguments: [silence.rule, silence.subject, silence.until, silence.who]
                )
            }
            for alert in past { try Self.insert(alert, db) }
            guard !past.isEmpty else { return }
            try db.execute(
                sql: "DELETE FROM past_alerts WHERE number <= (SELECT max(number) FROM past_alerts) - \(Self.maxPast)"
            )
        }
        return done != nil
    }

    private static func insert(_ alert: Alert, _ db: Database) throws {
        let values: StatementArguments = [
            alert.rule, alert.subject, alert.severity.rawValue, alert.phase.rawValue, alert.since, alert.fired,
            alert.goodSince, alert.value, alert.text, alert.advice, alert.acknowledgedBy, alert.isTold,
        ]
        try db.execute(sql: "INSERT INTO alerts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", arguments: values)
    }

    private static func insert(_ alert: PastAlert, _ db: Database) throws {
        let values: StatementArguments = [
            alert.rule, alert.subject, alert.severity.rawValue, alert.text, alert.fired, alert.resolved,
            alert.acknowledgedBy,
        ]
        try db.execute(sql: "INSERT INTO past_alerts VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", arguments: values)
    }
}

extension Alert {
    fileprivate init(_ row: Row) {
        self.init(
            rule: row["rule"],
            subject: row["subject"],
            severity: Finding.Severity(rawValue: row["severity"]) ?? .warning,
            phase: Phase(rawValue: row["phase"]) ?? .pending,
            since: row["since"],
            fired: row["fired"],
            goodSince: row["good_since"],
            value: row["value"],
            text: row["text"],
            advice: row["advice"],
            acknowledgedBy: row["acknowledged_by"],
            isTold: row["is_told"]
        )
    }
}

extension PastAlert {
    fileprivate init(_ row: Row) {
        self.init(
            rule: row["rule"],
            subject: row["subject"],
            severity: Finding.Severity(rawValue: row["severity"]) ?? .warning,
            text: row["text"],
            fired: row["fired"],
            resolved: row["resolved"],
            acknowledgedBy: row["acknowledged_by"]
        )
    }
}
