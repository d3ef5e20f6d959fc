import Connections
import Logging

/// Writes down who did what: into the history, and into the log, where nobody of the monitor's users can change it.
struct Audit: Sendable {
    let monitor: Monitor

    /// - Parameter action: The action's name, or `login`, `login-refused`, `refused`.
    func note(
        _ context: WebContext,
        who: String? = nil,
        action: String,
        subject: String = "",
        details: String = "",
        outcome: String,
        isError: Bool
    ) async {
        let entry = AuditEntry(
            time: WallClock.seconds,
            who: Self.line(who ?? context.identity?.name ?? "nobody", 200),
            address: context.address,
            action: action,
            subject: Self.line(subject, 500),
            details: Self.line(details, 1000),
            outcome: Self.line(outcome, 1000),
            isError: isError
        )
        monitor.logger.log(
            level: isError ? .warning : .notice,
            "monitor: \(entry.who) (\(entry.address)) \(entry.action) \(entry.subject): \(entry.outcome)"
        )
        do {
            try await monitor.history.add(entry)
            monitor.changes.announce(.audit)
        } catch {
            monitor.logger.error("monitor: writing the audit log: \(error)")
        }
    }

    /// One line, cut short: names come from strangers, and must not look like other entries of the log.
    private static func line(_ text: String, _ limit: Int) -> String {
        let plain = text.unicodeScalars.prefix(limit).map { scalar in
            scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .lineSeparator
                ? " " : Character(scalar)
        }
        return String(plain)
    }
}
