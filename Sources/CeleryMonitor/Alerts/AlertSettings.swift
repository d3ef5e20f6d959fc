import CeleryWorker

/// Which rules are looked at and who is told (`monitor.alerts:` in queues.yaml).
package struct AlertSettings: Sendable, Hashable {
    var isEnabled = true
    /// Seconds between two looks.
    var interval = 5.0
    /// Seconds.
    var resolveAfter = 30.0
    /// In front of links, without a slash at its end.
    var link: String?
    /// Every rule's, by its name.
    var rules = Dictionary(uniqueKeysWithValues: AlertRules.all.map { ($0.name, $0.defaults) })
    var webhook: Webhook?
    var slack: Webhook?
    var email: EmailSettings?

    struct Webhook: Sendable, Hashable {
        /// May hold a secret: for nobody's eyes.
        var url: String
        var secret: String?
    }

    package init() {}

    init(reading reader: SettingsReader) {
        let keys = ConfigKeys.Alerts.self
        isEnabled = reader.flag(keys.enabled) ?? isEnabled
        interval = reader.duration(keys.interval, in: .milliseconds(100) ... .seconds(600))?.inSeconds ?? interval
        resolveAfter = reader.duration(keys.resolveAfter, in: .zero ... .seconds(86_400))?.inSeconds ?? resolveAfter
        link = reader.text(keys.link).map { String($0.text.reversed().drop { $0 == "/" }.reversed()) }
        readRules(reader.section(keys.rules, known: nil))
        webhook = Self.webhook(
            reader.section(keys.webhook, known: ConfigKeys.WebhookKeys.all),
            ConfigKeys.WebhookKeys.url,
            ConfigKeys.WebhookKeys.secret
        )
        slack = Self.webhook(
            reader.section(keys.slack, known: ConfigKeys.SlackKeys.all),
            ConfigKeys.SlackKeys.url,
            nil
        )
        let email = reader.section(keys.email, known: ConfigKeys.EmailKeys.all)
        if !email.names.isEmpty { self.email = EmailSettings(reading: email) }
    }

    private mutating func readRules(_ reader: SettingsReader) {
        for name in reader.names {
            guard let rule = AlertRules.all.first(where: { $0.name == name }), var settings = rules[name] else {
                let names = AlertRules.all.map { $0.name }.joined(separator: ", ")
                reader.problem("there is no such rule; the rules are \(names)", ConfigKey(name, ""))
                continue
            }
            settings.read(reader.section(named: name, known: ConfigKeys.AlertRuleKeys.all), rule.unit)
            rules[name] = settings
        }
    }

    private static func webhook(_ reader: SettingsReader, _ url: ConfigKey, _ secret: ConfigKey?) -> Webhook? {
        guard let value = reader.text(url) else { return nil }
        guard ["http://", "https://"].contains(where: value.text.hasPrefix) else {
            reader.problem("must begin with https:// or http://", url)
            return nil
        }
        return Webhook(url: value.text, secret: secret.flatMap { reader.text($0)?.text })
    }
}

extension AlertRuleSettings {
    fileprivate mutating func read(_ reader: SettingsReader, _ unit: AlertUnit) {
        let keys = ConfigKeys.AlertRuleKeys.self
        isEnabled = reader.flag(keys.enabled) ?? isEnabled
        switch unit {
        case .percent: threshold = reader.number(keys.threshold, in: 0...100_000) ?? threshold
        case .messages: threshold = reader.number(keys.threshold, in: 0...1e12) ?? threshold
        case .seconds:
            threshold = reader.duration(keys.threshold, in: .zero ... .seconds(31_536_000))?.inSeconds ?? threshold
        case .flag:
            if reader.has(keys.threshold) { reader.problem("this rule has no threshold", keys.threshold) }
        }
        hold = reader.duration(keys.hold, in: .zero ... .seconds(86_400))?.inSeconds ?? hold
        if let choice = reader.choice(keys.severity, of: SeverityName.self) { severity = choice.severity }
    }

    private enum SeverityName: String, CaseIterable {
        case note, warning, critical

        var severity: Finding.Severity {
            switch self {
            case .note: .note
            case .warning: .warning
            case .critical: .critical
            }
        }
    }
}

extension Duration {
    /// Whole and fractional seconds.
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
