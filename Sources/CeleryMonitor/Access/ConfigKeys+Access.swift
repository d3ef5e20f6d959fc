import CeleryWorker

extension ConfigKeys {
    /// `monitor.access`.
    enum Access {
        static let open = ConfigKey(
            "open",
            "Everybody who reaches it is an operator, at any address; default false: only at loopback."
        )
        /// Flower's name of the variable (`flower/api/__init__.py`).
        static let unauthenticatedAPI = ConfigKey(
            "unauthenticated_api",
            "Without users, tokens or a login: whether /api/ answers all the same; default false.",
            environment: "FLOWER_UNAUTHENTICATED_API"
        )
        static let openMetrics = ConfigKey("open_metrics", "Whether /metrics needs no credentials; default true.")
        static let users = ConfigKey("users", "By name: password and role.", isScalar: false)
        static let tokens = ConfigKey("tokens", "Fixed API tokens by name: token and role.", isScalar: false)
        static let jwt = ConfigKey("jwt", "JSON Web Tokens as bearer tokens.", isScalar: false)
        static let oidc = ConfigKey("oidc", "Login by OpenID Connect.", isScalar: false)
        static let sessionKey = ConfigKey(
            "session_key",
            "Signs sessions and forms, at least 32 characters, the same at all monitors behind one name; default: random."
        )
        static let sessionLifetime = ConfigKey("session_lifetime", "How long a login lasts; default 12h.")
        static let sessionIdle = ConfigKey("session_idle", "How long without a request; default 2h.")
        static let requestRate = ConfigKey("request_rate", "Requests a second of one address; default 200.")
        static let loginRate = ConfigKey("login_rate", "Failed logins a minute of one address; default 10.")
        static let maxStreams = ConfigKey("max_streams", "Live pages at once; of one person a quarter; default 400.")
        static let proxies = ConfigKey("proxies", "Addresses of proxies whose X-Forwarded-For and -Proto are believed.")
        static let certificate = ConfigKey("tls_certificate", "PEM file with the chain: HTTPS instead of HTTP.")
        static let privateKey = ConfigKey("tls_key", "PEM file with the certificate's key.")
        static let publicURL = ConfigKey(
            "public_url",
            "The monitor as browsers see it, e.g. https://chard.example.org, behind a proxy; default: as they ask for it."
        )
        static let all = [
            open, publicURL, unauthenticatedAPI, openMetrics, users, tokens, jwt, oidc, sessionKey, sessionLifetime,
            sessionIdle,
            requestRate, loginRate, maxStreams, proxies, certificate, privateKey,
        ]
    }

    /// One of `monitor.access.users` or `monitor.access.tokens`.
    enum AccessEntry {
        static let password = ConfigKey("password", "The password, or what chard monitor hash-password prints.")
        static let token = ConfigKey("token", "The token, at least 20 characters, or sha256: and its digest in hex.")
        static let role = ConfigKey("role", "viewer (default) or operator.")
    }

    /// Who is what, by a claim of a token.
    enum RoleKeys {
        static let claim = ConfigKey(
            "role_claim",
            "The claim that names roles or groups, a.b for b in a; default roles."
        )
        static let operators = ConfigKey("operators", "Values of it that make an operator, exactly; default none.")
        static let viewers = ConfigKey("viewers", "Values of it that make a viewer, * for everybody; default *.")
        static let name = ConfigKey("name_claim", "The claim that the audit log shows; default email, else sub.")
        static let all = [claim, operators, viewers, name]
    }

    enum JWT {
        static let secrets = ConfigKey("secrets", "Secrets of HS256, HS384, HS512; at least 32 characters each.")
        static let keysURL = ConfigKey("jwks_url", "Where the public keys are (JWKS), https.")
        static let issuer = ConfigKey("issuer", "What iss must be.")
        static let audience = ConfigKey("audience", "One of these must be in aud.")
        static let all = [secrets, keysURL, issuer, audience] + RoleKeys.all
    }

    enum OIDC {
        static let issuer = ConfigKey("issuer", "The provider, as in https://accounts.example.org.")
        static let clientID = ConfigKey("client_id", "What the provider calls this monitor.")
        static let clientSecret = ConfigKey("client_secret", "What the provider gave it; none for public clients.")
        static let scopes = ConfigKey("scopes", "What is asked for; default openid, email, profile.")
        static let emails = ConfigKey("emails", "Addresses that may log in, exactly.")
        static let domains = ConfigKey("domains", "Domains of addresses that may log in, exactly.")
        static let groups = ConfigKey("groups", "Values of role_claim that may log in, exactly.")
        static let trustsUnverified = ConfigKey(
            "trust_unverified_email",
            "Whether addresses count that the provider does not call verified; default false."
        )
        static let all =
            [issuer, clientID, clientSecret, scopes, emails, domains, groups, trustsUnverified]
            + RoleKeys.all
    }
}
