/// One rule about one subject, from the moment it is not as it should be.
struct Alert: Sendable, Hashable {
    enum Phase: String, Sendable, Hashable {
        /// Bad, and not yet for long enough.
        case pending
        case firing
    }

    var rule: String
    var subject: String
    var severity: Finding.Severity
    var phase: Phase
    /// Since when it is bad; seconds since 1970.
    var since: Double
    /// When it began to fire.
    var fired: Double?
    /// Since when it is good again while it still fires.
    var goodSince: Double?
    var value: Double
    var text: String
    var advice: String
    /// Who said that he knows.
    var acknowledgedBy: String?
    /// Whether those who are to know have been told: it is in the queue of each notifier, or was silenced.
    var isTold = false

    var key: AlertKey { AlertKey(rule: rule, subject: subject) }

    var firing: FiringAlert {
        FiringAlert(
            rule: rule,
            subject: subject,
            severity: severity,
            text: text,
            advice: advice,
            since: fired ?? since,
            isAcknowledged: acknowledgedBy != nil
        )
    }
}

struct AlertKey: Sendable, Hashable {
    var rule: String
    var subject: String
}

/// An alert that is over.
struct PastAlert: Sendable, Hashable {
    var rule: String
    var subject: String
    var severity: Finding.Severity
    var text: String
    var fired: Double
    var resolved: Double
    var acknowledgedBy: String?
    /// Whether people knew of it, so that they hear of its end.
    var wasTold = true
}
