/// Nobody is told of these alerts for a while; they are shown all the same.
struct AlertSilence: Sendable, Hashable {
    var rule: String
    /// Empty: all of the rule's.
    var subject: String
    /// Seconds since 1970.
    var until: Double
    /// Who wanted it.
    var who: String

    func covers(_ alert: AlertKey, at now: Double) -> Bool {
        now < until && rule == alert.rule && (subject.isEmpty || subject == alert.subject)
    }
}
