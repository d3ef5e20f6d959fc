import CeleryWorker

extension ConfigKeys {
    enum Alerts {
        static let section = ConfigKey("alerts", "What people are told about, and how.", isScalar: false)
        static let enabled = ConfigKey("enabled", "Whether rules are looked at; default true.")
        static let interval = ConfigKey("interval", "How often the rules are looked at; 1s to 10m; default 5s.")
        static let resolveAfter = ConfigKey("resolve_after", "How long an alert must be good to be over; default 30s.")
        static let link = ConfigKey("link", "The monitor's address in notifications, e.g. https://chard.example.")
        static let rules = ConfigKey("rules", "Changes to the rules, by their names.", isScalar: false)
        static let webhook = ConfigKey("webhook", "Where alerts are posted as JSON.", isScalar: false)
        static let slack = ConfigKey("slack", "Slack's incoming webhook.", isScalar: false)
        static let email = ConfigKey("email", "Who gets e-mail, and through which server.", isScalar: false)
        static let all = [enabled, interval, resolveAfter, link, rules, webhook, slack, email]
    }

    enum AlertRuleKeys {
        static let enabled = ConfigKey("enabled", "Whether the rule is looked at; default true.")
        static let threshold = ConfigKey("threshold", "When it is bad, in the rule's unit: percent, seconds, messages.")
        static let hold = ConfigKey("for", "How long it must be bad before it fires.")
        static let severity = ConfigKey("severity", "note, warning or critical.")
        static let all = [enabled, threshold, hold, severity]
    }

    enum WebhookKeys {
        static let url = ConfigKey("url", "An http or https address.")
        static let secret = ConfigKey("secret", "Signs what is posted (HMAC-SHA256); default none.")
        static let all = [url, secret]
    }

    enum SlackKeys {
        static let url = ConfigKey("url", "The incoming webhook's address; it is a secret.")
        static let all = [url]
    }

    enum EmailKeys {
        static let host = ConfigKey("host", "The mail server.")
        static let port = ConfigKey("port", "Its port; default 587, with security: tls 465.")
        static let security = ConfigKey(
            "security",
            "starttls (default), tls from the first byte, or none: then there is no login."
        )
        static let ca = ConfigKey("ca", "A PEM file with certificates to trust; default the system's.")
        static let user = ConfigKey("user", "The login's name; default none.")
        static let password = ConfigKey("password", "The login's password.")
        static let from = ConfigKey("from", "The sender's address.")
        static let to = ConfigKey("to", "The addresses of those who get it.")
        static let all = [host, port, security, ca, user, password, from, to]
    }
}
