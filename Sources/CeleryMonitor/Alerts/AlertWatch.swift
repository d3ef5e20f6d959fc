import Synchronization

/// Looks at the rules every few seconds, keeps what is firing, and tells those who are to know.
final class AlertWatch: Sendable {
    private let state = Mutex<[FiringAlert]>([])

    /// The gravest first.
    var firing: [FiringAlert] { state.withLock { $0 } }
}

struct FiringAlert: Sendable, Hashable {
    /// The rule's name, as in the settings.
    var rule: String
    /// What it is about: a queue, a worker, …; empty for the whole.
    var subject: String
    var severity: Finding.Severity
    /// One line: what is wrong, with the figure.
    var text: String
    var advice: String
    /// Seconds since 1970.
    var since: Double
    /// Somebody said that he knows.
    var isAcknowledged: Bool
}
