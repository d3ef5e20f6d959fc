import Connections
import Crypto
import Foundation
import Logging

/// Login at an OpenID Connect provider: authorization code with PKCE (OpenID Connect Core 1.0 §3.1, RFC 7636).
actor OpenIDConnect {
    /// What the browser keeps between leaving for the provider and coming back, signed.
    struct Attempt: Codable, Sendable {
        var state: String
        var nonce: String
        /// PKCE's code verifier.
        var verifier: String
        /// Where to go then, below the prefix.
        var next: String
        /// Seconds since 1970.
        var until: Double
    }

    private struct Provider {
        var authorization: String
        var token: String
        var keys: KeySet
        /// The secret goes in the form rather than in a header.
        var postsSecret: Bool
        var fetched: Double
    }

    private static let lifetime = 3600.0

    private let settings: OIDCSettings
    private let logger: Logger
    private var provider: Provider?

    init(_ settings: OIDCSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// The address at the provider to which the browser goes, and what it is to bring back.
    func begin(next: String, callback: String) async throws -> (url: String, attempt: Attempt) {
        let provider = try await found()
        let attempt = Attempt(
            state: Self.random(),
            nonce: Self.random(),
            verifier: Self.random(),
            next: next,
            until: WallClock.seconds + 600
        )
        let challenge = Base64URL.encode(Data(SHA256.hash(data: Data(attempt.verifier.utf8))))
        let query = Self.form([
            ("response_type", "code"), ("client_id", settings.clientID), ("redirect_uri", callback),
            ("scope", settings.scopes.joined(separator: " ")), ("state", attempt.state), ("nonce", attempt.nonce),
            ("code_challenge", challenge), ("code_challenge_method", "S256"),
        ])
        return ("\(provider.authorization)\(provider.authorization.contains("?") ? "&" : "?")\(query)", attempt)
    }

    /// Who came back.
    ///
    /// - Throws: `TokenProblem` when he may not come in.
    func finish(_ attempt: Attempt, code: String, callback: String) async throws -> Identity {
        let provider = try await found()
        let token = try await exchange(attempt, code, callback, provider)
        let claims = try await TokenVerifier(secrets: [], keys: provider.keys).claims(token)
        let (id, now) = (settings.clientID, WallClock.seconds)
        if let problem = claims.problem(issuer: settings.issuer, audience: [id], now: now) {
            throw TokenProblem("the provider's token does not count: \(problem)")
        }
        let isShared = claims.texts("aud", splitting: false).count > 1
        guard claims.text("azp").map({ $0 == id }) ?? !isShared else {
            throw TokenProblem("the provider's token is for somebody else")
        }
        guard claims.text("nonce") == attempt.nonce else {
            throw TokenProblem("the provider's token is not for this login")
        }
        return try admitted(claims)
    }

    /// Addresses, domains and groups are compared whole and exactly.
    private func admitted(_ claims: Claims) throws -> Identity {
        let isVerified = claims.flag("email_verified") ?? false || settings.trustsUnverified
        let email = claims.text("email").flatMap { isVerified ? $0.lowercased() : nil }
        let parts = email?.split(separator: "@", omittingEmptySubsequences: false) ?? []
        let domain = parts.count == 2 ? String(parts[1]) : nil
        let name = settings.roles.name(claims)
        let isAdmitted =
            email.map(settings.emails.contains) ?? false || domain.map(settings.domains.contains) ?? false
            || !settings.groups.isDisjoint(with: claims.texts(settings.roles.claim))
        guard isAdmitted, let role = settings.roles.role(claims, also: email) else {
            throw TokenProblem("\(name) may not log in here; an operator can add him to monitor.access.oidc")
        }
        return Identity(name: name, role: role, method: .oidc)
    }

    private func exchange(
        _ attempt: Attempt,
        _ code: String,
        _ callback: String,
        _ provider: Provider
    ) async throws -> String {
        var fields = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", callback),
            ("client_id", settings.clientID), ("code_verifier", attempt.verifier),
        ]
        var headers = [("content-type", "application/x-www-form-urlencoded")]
        if let secret = settings.clientSecret {
            if provider.postsSecret {
                fields.append(("client_secret", secret))
            } else {
                // RFC 6749 §2.3.1: both are encoded as in a form first.
                let pair = "\(Self.escaped(settings.clientID)):\(Self.escaped(secret))"
                headers.append(("authorization", "Basic \(Data(pair.utf8).base64EncodedString())"))
            }
        }
        do {
            let answer = try await JSONFetch.object(
                HTTPCall(
                    method: "POST",
                    url: provider.token,
                    headers: headers.map { (name: $0.0, value: $0.1) },
                    body: Array(Self.form(fields).utf8),
                    timeout: .seconds(10),
                    maxBytes: 1 << 20
                )
            )
            guard case .string(let token) = answer["id_token"] else { throw MonitorError("it gave no id_token") }
            return token
        } catch {
            logger.warning("monitor: login at \(settings.issuer): exchanging the code: \(error)")
            throw TokenProblem("the provider did not confirm the login; try again")
        }
    }

    /// What the provider says of itself (OpenID Connect Discovery 1.0 §4).
    private func found() async throws -> Provider {
        if let provider, WallClock.seconds - provider.fetched < Self.lifetime { return provider }
        let base = settings.issuer.hasSuffix("/") ? String(settings.issuer.dropLast()) : settings.issuer
        do {
            let found = Claims(try await JSONFetch.get("\(base)/.well-known/openid-configuration"))
            guard found.text("issuer") == settings.issuer else { throw MonitorError("it calls itself something else") }
            guard let authorization = found.text("authorization_endpoint"), let token = found.text("token_endpoint"),
                let keys = found.text("jwks_uri"), [authorization, token, keys].allSatisfy(OwnPath.isSecure)
            else { throw MonitorError("an endpoint is missing or not https") }
            let methods = found.texts("token_endpoint_auth_methods_supported")
            let made = Provider(
                authorization: authorization,
                token: token,
                keys: KeySet(url: keys, logger: logger),
                postsSecret: methods.contains("client_secret_post") && !methods.contains("client_secret_basic"),
                fetched: WallClock.seconds
            )
            provider = made
            return made
        } catch {
            logger.error("monitor: login at \(settings.issuer): \(error)")
            if let provider { return provider }
            throw PageError.unavailable(
                "The login provider \(settings.issuer) does not answer; the monitor's log says why."
            )
        }
    }

    private static func random() -> String {
        Base64URL.encode(Data((0..<32).map { _ in UInt8.random(in: 0...255) }))
    }

    private static func form(_ fields: [(String, String)]) -> String {
        fields.map { "\(escaped($0.0))=\(escaped($0.1))" }.joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
