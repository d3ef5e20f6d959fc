/// pending → firing → resolved, for each rule and subject. Pure: the clock comes with each step.
///
/// Nothing flaps: a rule must be bad for its time before it fires, and good for `resolveAfter` before it is over, and
/// what lies between bad and good changes nothing.
struct AlertStates: Sendable {
    private(set) var alerts: [AlertKey: Alert]
    /// Seconds.
    let resolveAfter: Double
    /// Alerts at the same time at most: subjects come from strangers.
    static let maxAlerts = 5000

    init(_ alerts: [Alert] = [], resolveAfter: Double) {
        self.alerts = Dictionary(alerts.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        self.resolveAfter = resolveAfter
    }

    /// What has begun and what is over since the last step.
    struct Changes: Sendable, Hashable {
        var fired: [Alert] = []
        var resolved: [PastAlert] = []
        /// Something is different that is worth keeping.
        var isChanged = false
    }

    /// - Parameter readings: Nil: they could not be taken, so the rule's alerts stay as they are.
    mutating func step(
        _ rule: any AlertRule.Type,
        _ settings: AlertRuleSettings,
        _ readings: [AlertReading]?,
        now: Double
    ) -> Changes {
        var changes = Changes()
        guard settings.isEnabled else {
            for alert in alerts.values where alert.rule == rule.name { end(alert, now, &changes) }
            return changes
        }
        guard let readings else { return changes }
        var seen = Set<AlertKey>()
        for reading in readings {
            let key = AlertKey(rule: rule.name, subject: reading.subject)
            seen.insert(key)
            step(key, settings, reading, now, &changes)
        }
        // A subject that is not there any more is good.
        for (key, alert) in alerts where key.rule == rule.name && !seen.contains(key) { good(alert, now, &changes) }
        return changes
    }

    private mutating func step(
        _ key: AlertKey,
        _ settings: AlertRuleSettings,
        _ reading: AlertReading,
        _ now: Double,
        _ changes: inout Changes
    ) {
        guard var alert = alerts[key] else {
            guard reading.level == .bad, alerts.count < Self.maxAlerts else { return }
            begin(key, settings, reading, now, &changes)
            return
        }
        if reading.level == .good {
            good(alert, now, &changes)
            return
        }
        // Between bad and good: one that fires goes on, one that waits has not been bad all the time.
        if reading.level == .near, alert.phase == .pending {
            end(alert, now, &changes)
            return
        }
        alert.goodSince = nil
        (alert.value, alert.text, alert.advice) = (reading.value, reading.text, reading.advice)
        alert.severity = settings.severity
        fire(&alert, settings, now, &changes)
        alerts[key] = alert
    }

    private mutating func begin(
        _ key: AlertKey,
        _ settings: AlertRuleSettings,
        _ reading: AlertReading,
        _ now: Double,
        _ changes: inout Changes
    ) {
        var alert = Alert(
            rule: key.rule,
            subject: key.subject,
            severity: settings.severity,
            phase: .pending,
            since: now,
            value: reading.value,
            text: reading.text,
            advice: reading.advice
        )
        changes.isChanged = true
        fire(&alert, settings, now, &changes)
        alerts[key] = alert
    }

    private func fire(_ alert: inout Alert, _ settings: AlertRuleSettings, _ now: Double, _ changes: inout Changes) {
        guard alert.phase == .pending, now - alert.since >= settings.hold else { return }
        alert.phase = .firing
        alert.fired = now
        changes.fired.append(alert)
        changes.isChanged = true
    }

    private mutating func good(_ alert: Alert, _ now: Double, _ changes: inout Changes) {
        guard alert.phase == .firing else {
            end(alert, now, &changes)
            return
        }
        let since = alert.goodSince ?? now
        if now - since >= resolveAfter {
            end(alert, now, &changes)
        } else if alert.goodSince == nil {
            alerts[alert.key]?.goodSince = now
            changes.isChanged = true
        }
    }

    private mutating func end(_ alert: Alert, _ now: Double, _ changes: inout Changes) {
        alerts[alert.key] = nil
        changes.isChanged = true
        guard alert.phase == .firing else { return }
        changes.resolved.append(
            PastAlert(
                rule: alert.rule,
                subject: alert.subject,
                severity: alert.severity,
                text: alert.text,
                fired: alert.fired ?? alert.since,
                resolved: now,
                acknowledgedBy: alert.acknowledgedBy,
                wasTold: alert.isTold
            )
        )
    }

    /// - Returns: Whether there is such an alert.
    mutating func acknowledge(_ key: AlertKey, by who: String) -> Bool {
        guard alerts[key]?.phase == .firing else { return false }
        alerts[key]?.acknowledgedBy = who
        return true
    }

    mutating func told(_ keys: [AlertKey]) {
        for key in keys { alerts[key]?.isTold = true }
    }

    /// Drops alerts of rules that are no more.
    mutating func keepOnly(_ rules: Set<String>) { alerts = alerts.filter { rules.contains($0.key.rule) } }
}
