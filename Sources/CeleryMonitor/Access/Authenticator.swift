import Connections
import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// Says who asks, by what the request carries.
struct Authenticator: Sendable {
    private let settings: AccessSettings
    private let sessions: Sessions
    let passwords: PasswordCheck
    private let tokens: TokenVerifier?

    init(_ settings: AccessSettings, sessions: Sessions, logger: Logger) {
        self.settings = settings
        self.sessions = sessions
        passwords = PasswordCheck(settings.users)
        tokens = settings.jwt.map { jwt in
            TokenVerifier(secrets: jwt.secrets, keys: jwt.keysURL.map { KeySet(url: $0, logger: logger) })
        }
    }

    enum Result: Sendable {
        /// Until: of a token, seconds since 1970.
        case known(Identity, session: Session?, until: Double?)
        /// No credentials.
        case unknown
        /// Wrong credentials: the name that was claimed, and why they are wrong.
        case refused(String, String)
        case busy
    }

    func identity(_ request: Request) async -> Result {
        guard settings.isConfigured else {
            return .known(Identity(name: "anybody", role: .operator_, method: .loopback), session: nil, until: nil)
        }
        if let header = request.headers[.authorization] {
            let parts = header.split(separator: " ", maxSplits: 1)
            switch (parts.first?.lowercased(), parts.count) {
            case ("basic", 2): return await basic(String(parts[1]))
            case ("bearer", 2): return await bearer(String(parts[1]))
            default: return .refused("", "Authorization must be Basic or Bearer")
            }
        }
        if let session = sessions.session(request), let identity = session.identity {
            return .known(identity, session: session, until: nil)
        }
        return .unknown
    }

    private func basic(_ encoded: String) async -> Result {
        guard let data = Data(base64Encoded: encoded), let text = String(data: data, encoding: .utf8),
            let colon = text.firstIndex(of: ":")
        else { return .refused("", "the credentials can't be read") }
        let name = String(text[..<colon])
        switch await passwords.check(name, String(text[text.index(after: colon)...])) {
        case .right(let user):
            return .known(Identity(name: user.name, role: user.role, method: .basic), session: nil, until: nil)
        case .wrong: return .refused(name, "wrong name or password")
        case .busy: return .busy
        }
    }

    private func bearer(_ token: String) async -> Result {
        let digest = TokenDigest(of: token)
        // All are compared, so that time tells nothing.
        var found: AccessSettings.Token?
        for one in settings.tokens where one.digest == digest { found = one }
        if let found {
            return .known(Identity(name: found.name, role: found.role, method: .bearer), session: nil, until: nil)
        }
        guard let tokens, let jwt = settings.jwt else { return .refused("", "the token is not known") }
        do {
            let claims = try await tokens.claims(token)
            let name = jwt.roles.name(claims)
            if let problem = claims.problem(issuer: jwt.issuer, audience: jwt.audience, now: WallClock.seconds) {
                return .refused(name, "the token does not count: \(problem)")
            }
            guard let role = jwt.roles.role(claims) else { return .refused(name, "the token gives no role here") }
            let identity = Identity(name: name, role: role, method: .bearer)
            return .known(identity, session: nil, until: claims.number("exp"))
        } catch {
            return .refused("", "the token does not count: \(error)")
        }
    }
}
