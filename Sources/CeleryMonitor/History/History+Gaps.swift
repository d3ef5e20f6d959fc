import Foundation
import GRDB

/// A time in which nobody listened, so that counts have a hole there.
struct ListeningGap: Sendable, Hashable {
    /// Seconds since 1970.
    var from: Double
    var to: Double
    /// Why, in words for a person.
    var reason: String
}

extension History {
    /// The newest first, at most a hundred.
    func gaps(from: Double, to: Double) async throws -> [ListeningGap] {
        try await database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT begins, ends, reason FROM gaps WHERE ends >= ? AND begins <= ?
                    ORDER BY ends DESC LIMIT 100
                    """,
                arguments: [from, to]
            ).map { ListeningGap(from: $0[0], to: $0[1], reason: $0[2]) }
        }
    }

    /// What can't be written, and what was lost: figures are too low by that.
    var findings: [Finding] {
        var findings: [Finding] = []
        if let problem {
            let advice = "Until then events wait in the broker for a minute, and are lost after that."
            findings.append(Finding(severity: .critical, text: problem, advice: advice))
        }
        if dropped > 0 {
            findings.append(
                Finding(
                    severity: .warning,
                    text: "\(dropped) events were lost since this monitor began: they could not be read or written",
                    advice: "Counts are too low by that; see the monitor's log."
                )
            )
        }
        return findings
    }

    func add(_ gap: ListeningGap) async throws {
        _ = try await write("noting that nobody listened") { db in
            try db.execute(
                sql: "INSERT INTO gaps (begins, ends, reason) VALUES (?, ?, ?)",
                arguments: [gap.from, gap.to, gap.reason]
            )
        }
    }

    /// Notes that everything up to now was heard, so that whoever writes next knows since when it was not.
    func listened(until time: Double) async throws {
        _ = try await write("noting the time") { try Facts.set(time, "listened", $0) }
    }

    /// Until when somebody has listened; nil in a new history.
    func listenedUntil() async throws -> Double? { try await database.read { try Facts.number("listened", $0) } }
}
