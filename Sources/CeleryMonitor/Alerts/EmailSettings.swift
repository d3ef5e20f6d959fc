import CeleryWorker

/// The mail server, and who writes to whom (`monitor.alerts.email:`).
struct EmailSettings: Sendable, Hashable {
    enum Security: String, Sendable, CaseIterable {
        /// The connection begins in clear and is encrypted before anything is told; a server that can't is refused.
        case starttls
        /// Encrypted from the first byte.
        case tls
        case none
    }

    var host: String
    var port: Int
    var security: Security
    /// A PEM file; nil: the system's.
    var ca: String?
    var user: String?
    var password: String?
    var from: String
    var to: [String]

    init(
        host: String,
        port: Int,
        security: Security,
        ca: String? = nil,
        user: String? = nil,
        password: String? = nil,
        from: String,
        to: [String]
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.ca = ca
        self.user = user
        self.password = password
        self.from = from
        self.to = to
    }

    /// Nil, with a note of each problem, when mail can't be sent this way.
    init?(reading reader: SettingsReader) {
        let keys = ConfigKeys.EmailKeys.self
        let security = reader.choice(keys.security, of: Security.self) ?? .starttls
        let port = reader.integer(keys.port, in: 1...65535)
        let to = reader.values(keys.to)?.filter { !$0.text.isEmpty } ?? []
        guard let host = reader.text(keys.host)?.text else {
            reader.problem("is missing: the mail server's name", keys.host)
            return nil
        }
        guard let from = reader.text(keys.from), Self.isAddress(from.text) else {
            reader.problem("must be an address such as chard@example.org", keys.from)
            return nil
        }
        guard !to.isEmpty, to.allSatisfy({ Self.isAddress($0.text) }) else {
            reader.problem("must be addresses such as ops@example.org", keys.to)
            return nil
        }
        let user = reader.text(keys.user)?.text
        guard user == nil || security != .none else {
            reader.problem("a login needs security: starttls or tls; its password would travel in clear", keys.user)
            return nil
        }
        self.init(
            host: host,
            port: port ?? (security == .tls ? 465 : 587),
            security: security,
            ca: reader.text(keys.ca)?.text,
            user: user,
            password: reader.text(keys.password)?.text,
            from: from.text,
            to: to.map(\.text)
        )
    }

    /// Plain ASCII without anything that could end an address or a line; narrower than RFC 5321.
    static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (3...254).contains(text.utf8.count) else { return false }
        return parts.allSatisfy { part in
            !part.isEmpty && part.unicodeScalars.allSatisfy { $0.isASCII && (33...126).contains($0.value) }
                && !part.contains { "<>()[],;:\\\"".contains($0) }
        }
    }
}
