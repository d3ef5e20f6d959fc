/// Who did what.
struct AuditEntry: Sendable, Hashable {
    /// Seconds since 1970.
    var time: Double
    var who: String
    /// Of the connection.
    var address: String
    /// The action's name, or `login`, `login-refused`, …
    var action: String
    var subject: String
    var details: String
    /// What came of it: the line that the person saw, or the error.
    var outcome: String
    var isError: Bool
}
