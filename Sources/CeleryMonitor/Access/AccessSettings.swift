import CeleryWorker

/// Who may come in (`monitor.access` in queues.yaml).
struct AccessSettings: Sendable {
    struct User: Sendable {
        var name: String
        var password: StoredPassword
        var role: Role
    }

    struct Token: Sendable {
        var name: String
        var digest: TokenDigest
        var role: Role
    }

    var isOpen = false
    var unauthenticatedAPI = false
    var openMetrics = true
    var users: [User] = []
    var tokens: [Token] = []
    var jwt: JWTSettings?
    var oidc: OIDCSettings?
    var sessionKey: String?
    var sessionLifetime = Duration.seconds(12 * 3600)
    var sessionIdle = Duration.seconds(2 * 3600)
    /// Per second and address.
    var requestRate = 200.0
    /// Failed ones, per minute and address.
    var loginRate = 10.0
    var maxStreams = 400
    var proxies: Set<String> = []
    /// Without the prefix and without a slash at its end.
    var publicURL: String?
    /// PEM files; nil: no TLS.
    var tls: (certificate: String, key: String)?

    /// Whether anybody has to say who he is.
    var isConfigured: Bool { !users.isEmpty || !tokens.isEmpty || jwt != nil || oidc != nil }

    /// Cookies go over TLS only.
    var isSecure: Bool { tls != nil || publicURL?.hasPrefix("https://") ?? false }

    /// Whether there is a page on which people log in.
    var hasLogin: Bool { !users.isEmpty || oidc != nil }

    init() {}

    init(reading reader: SettingsReader) {
        let keys = ConfigKeys.Access.self
        isOpen = reader.flag(keys.open) ?? isOpen
        unauthenticatedAPI = reader.flag(keys.unauthenticatedAPI) ?? unauthenticatedAPI
        openMetrics = reader.flag(keys.openMetrics) ?? openMetrics
        users = Self.users(reader.section(keys.users, known: nil))
        tokens = Self.tokens(reader.section(keys.tokens, known: nil))
        let jwt = reader.section(keys.jwt, known: ConfigKeys.JWT.all)
        self.jwt = JWTSettings(reading: jwt)
        oidc = OIDCSettings(reading: reader.section(keys.oidc, known: ConfigKeys.OIDC.all))
        sessionKey = reader.text(keys.sessionKey).flatMap { value in
            guard value.text.utf8.count < 32 else { return value.text }
            reader.problem("must have at least 32 characters", keys.sessionKey, line: value.line)
            return nil
        }
        let span = Duration.seconds(60) ... .seconds(31_536_000)
        sessionLifetime = reader.duration(keys.sessionLifetime, in: span) ?? sessionLifetime
        sessionIdle = reader.duration(keys.sessionIdle, in: span) ?? sessionIdle
        requestRate = reader.number(keys.requestRate, in: 1...1e6) ?? requestRate
        loginRate = reader.number(keys.loginRate, in: 1...1e6) ?? loginRate
        maxStreams = reader.integer(keys.maxStreams, in: 4...100_000) ?? maxStreams
        proxies = Set(reader.values(keys.proxies)?.map(\.text) ?? [])
        publicURL = reader.text(keys.publicURL).map { $0.text.hasSuffix("/") ? String($0.text.dropLast()) : $0.text }
        switch (reader.text(keys.certificate)?.text, reader.text(keys.privateKey)?.text) {
        case (let certificate?, let key?): tls = (certificate, key)
        case (nil, nil): break
        case (nil, _): reader.problem("is missing; tls_key needs it", keys.certificate)
        case (_, nil): reader.problem("is missing; tls_certificate needs it", keys.privateKey)
        }
    }

    private static func users(_ reader: SettingsReader) -> [User] {
        let keys = ConfigKeys.AccessEntry.self
        return reader.names.compactMap { name in
            let entry = reader.section(named: name, known: [keys.password, keys.role])
            guard let password = entry.text(keys.password) else {
                entry.problem("is missing", keys.password)
                return nil
            }
            guard let stored = StoredPassword(password.text) else {
                entry.problem("is no hash that chard monitor hash-password prints", keys.password, line: password.line)
                return nil
            }
            return User(name: name, password: stored, role: role(entry))
        }
    }

    private static func tokens(_ reader: SettingsReader) -> [Token] {
        let keys = ConfigKeys.AccessEntry.self
        return reader.names.compactMap { name in
            let entry = reader.section(named: name, known: [keys.token, keys.role])
            guard let token = entry.text(keys.token), let digest = TokenDigest(setting: token.text) else {
                entry.problem("must have at least 20 characters, or be sha256: and 64 hexadecimal digits", keys.token)
                return nil
            }
            return Token(name: name, digest: digest, role: role(entry))
        }
    }

    private static func role(_ reader: SettingsReader) -> Role {
        reader.choice(ConfigKeys.AccessEntry.role, of: Role.self) ?? .viewer
    }
}

/// Bearer tokens that are JSON Web Tokens.
struct JWTSettings: Sendable {
    var secrets: [String] = []
    var keysURL: String?
    var issuer: String
    var audience: Set<String>
    var roles: RoleRule

    /// Nil: there is no such section, or it can't be used.
    init?(reading reader: SettingsReader) {
        let keys = ConfigKeys.JWT.self
        roles = RoleRule(reading: reader)
        secrets = reader.values(keys.secrets)?.map(\.text) ?? []
        keysURL = reader.text(keys.keysURL)?.text
        let (issuer, audience) = (reader.text(keys.issuer)?.text, reader.values(keys.audience)?.map(\.text) ?? [])
        guard !secrets.isEmpty || keysURL != nil else {
            if !reader.names.isEmpty { reader.problem("is missing; name it, or secrets", keys.keysURL) }
            return nil
        }
        if secrets.contains(where: { $0.utf8.count < 32 }) {
            reader.problem("must have at least 32 characters each", keys.secrets)
        }
        if let keysURL, !OwnPath.isSecure(keysURL) { reader.problem("must begin with https://", keys.keysURL) }
        guard let issuer, !audience.isEmpty else {
            reader.problem("is missing; anybody's tokens would do", issuer == nil ? keys.issuer : keys.audience)
            return nil
        }
        self.issuer = issuer
        self.audience = Set(audience)
    }
}

/// Login at an OpenID Connect provider.
struct OIDCSettings: Sendable {
    var issuer: String
    var clientID: String
    var clientSecret: String?
    var scopes: [String]
    /// In small letters.
    var emails: Set<String>
    var domains: Set<String>
    var groups: Set<String>
    var trustsUnverified: Bool
    var roles: RoleRule

    init?(reading reader: SettingsReader) {
        let keys = ConfigKeys.OIDC.self
        roles = RoleRule(reading: reader)
        clientSecret = reader.text(keys.clientSecret)?.text
        scopes = reader.values(keys.scopes)?.map(\.text) ?? ["openid", "email", "profile"]
        emails = Set(reader.values(keys.emails)?.map { $0.text.lowercased() } ?? [])
        domains = Set(reader.values(keys.domains)?.map { $0.text.lowercased() } ?? [])
        groups = Set(reader.values(keys.groups)?.map(\.text) ?? [])
        trustsUnverified = reader.flag(keys.trustsUnverified) ?? false
        let (issuer, clientID) = (reader.text(keys.issuer)?.text, reader.text(keys.clientID)?.text)
        guard !reader.names.isEmpty || issuer != nil else { return nil }
        guard let issuer, let clientID else {
            reader.problem("is missing", issuer == nil ? keys.issuer : keys.clientID)
            return nil
        }
        if !OwnPath.isSecure(issuer) { reader.problem("must begin with https://", keys.issuer) }
        if emails.isEmpty, domains.isEmpty, groups.isEmpty {
            reader.problem("is missing: say who may log in, by emails, domains or groups", keys.emails)
        }
        self.issuer = issuer
        self.clientID = clientID
    }
}
