import Connections
import Foundation
import HTTPTypes
import Hummingbird

/// The pages by which people come in and go: with a password, or by OpenID Connect.
struct LoginEndpoints: Sendable {
    let pages: PageHandler
    let gatekeeper: Gatekeeper
    private let provider: OpenIDConnect?

    private var sessions: Sessions { gatekeeper.sessions }
    private var settings: MonitorSettings { pages.monitor.settings }
    private var audit: Audit { Audit(monitor: pages.monitor) }

    init(pages: PageHandler, gatekeeper: Gatekeeper) {
        self.pages = pages
        self.gatekeeper = gatekeeper
        provider = pages.monitor.settings.access.oidc.map { OpenIDConnect($0, logger: pages.monitor.logger) }
    }

    var endpoints: [Endpoint] {
        guard settings.access.hasLogin else { return [] }
        var endpoints = [
            Endpoint(method: .get, path: "/login", role: nil) { try login($0, $1, problem: nil, name: "") },
            Endpoint(method: .post, path: "/logout", role: .viewer) { try await logout($0, $1) },
        ]
        if !settings.access.users.isEmpty {
            endpoints.append(Endpoint(method: .post, path: "/login", role: nil) { try await password($0, $1) })
        }
        if let provider {
            endpoints.append(
                Endpoint(method: .get, path: "/login/oidc", role: nil) { try await leave($0, $1, provider) }
            )
            endpoints.append(
                Endpoint(method: .get, path: "/login/callback", role: nil) {
                    try await comeBack($0, $1, provider)
                }
            )
        }
        return endpoints
    }

    private struct Model: Sendable {
        var problem: String?
        var name: String
        var next: String
        var hasPassword: Bool
        /// The way to the provider; nil: there is none.
        var provider: String?
    }

    private func login(
        _ request: Request,
        _ context: WebContext,
        problem: String?,
        name: String,
        next: String? = nil
    )
        throws -> Response
    {
        let next = self.next(next ?? FormFields.decode(request.uri.query ?? "").last { $0.key == "next" }?.value)
        let query = next.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let model = Model(
            problem: problem,
            name: name,
            next: next,
            hasPassword: !settings.access.users.isEmpty,
            provider: provider == nil ? nil : "\(settings.urlPrefix)/login/oidc?next=\(query)"
        )
        var response = try pages.plain("login", model, title: "Log in", request, context)
        if problem != nil { response.status = .forbidden }
        return response
    }

    /// Ours, and not the login itself.
    private func next(_ path: String?) -> String {
        let safe = OwnPath.safe(path, prefix: settings.urlPrefix)
        return safe.hasPrefix("\(settings.urlPrefix)/log") ? "\(settings.urlPrefix)/" : safe
    }

    private func password(_ request: Request, _ context: WebContext) async throws -> Response {
        try gatekeeper.limit(gatekeeper.failures.wait(context.address, now: WallClock.seconds))
        let form = try await ActionRunner.form(request)
        let (name, next) = (form.value("name") ?? "", form.value("next") ?? "")
        guard sessions.isCSRF(form.value("csrf") ?? "", context.identity) else {
            return try login(request, context, problem: "The page was too old; try again.", name: name, next: next)
        }
        switch await gatekeeper.authenticator.passwords.check(name, form.value("password") ?? "") {
        case .right(let user):
            return await enter(Identity(name: user.name, role: user.role, method: .basic), next, context)
        case .wrong:
            await refused(context, name, "wrong name or password")
            try gatekeeper.limit(gatekeeper.failures.take(context.address, now: WallClock.seconds))
            return try login(request, context, problem: "Wrong name or password.", name: name, next: next)
        case .busy:
            throw HTTPError(.tooManyRequests, headers: [.retryAfter: "1"], message: "too many logins at once")
        }
    }

    private func refused(_ context: WebContext, _ who: String, _ reason: String) async {
        await audit.note(context, who: who, action: "login-refused", outcome: reason, isError: true)
    }

    private func enter(_ identity: Identity, _ next: String, _ context: WebContext) async -> Response {
        await audit.note(
            context,
            who: identity.name,
            action: "login",
            details: identity.method.rawValue,
            outcome: "as \(identity.role.rawValue)",
            isError: false
        )
        var response = Self.redirect(self.next(next))
        response.headers.append(HTTPField(name: .setCookie, value: sessions.begin(identity)))
        return response
    }

    private func logout(_ request: Request, _ context: WebContext) async throws -> Response {
        let form = try await ActionRunner.form(request)
        guard sessions.isCSRF(form.value("csrf") ?? "", context.identity) else {
            throw HTTPError(.forbidden, message: "the page was too old; load it again")
        }
        var response = Self.redirect("\(settings.urlPrefix)/login")
        if let session = context.session {
            response.headers.append(HTTPField(name: .setCookie, value: sessions.end(session)))
            await audit.note(context, action: "logout", outcome: "logged out", isError: false)
        }
        return response
    }

    // MARK: OpenID Connect

    private static let attemptName = "chard_login"

    private func leave(_ request: Request, _ context: WebContext, _ provider: OpenIDConnect) async throws -> Response {
        let next = self.next(FormFields.decode(request.uri.query ?? "").last { $0.key == "next" }?.value)
        let (url, attempt) = try await provider.begin(next: next, callback: callback(request))
        var response = Self.redirect(url)
        let cookie = sessions.write(attempt, Self.attemptName, maxAge: 600)
        response.headers.append(HTTPField(name: .setCookie, value: cookie))
        return response
    }

    private func comeBack(_ request: Request, _ context: WebContext, _ provider: OpenIDConnect) async throws -> Response
    {
        let query = ActionForm(FormFields.decode(request.uri.query ?? ""))
        try gatekeeper.limit(gatekeeper.failures.wait(context.address, now: WallClock.seconds))
        do {
            guard let attempt: OpenIDConnect.Attempt = sessions.read(request, Self.attemptName),
                attempt.until > WallClock.seconds, query.value("state") == attempt.state
            else { throw TokenProblem("the login took too long, or was begun elsewhere; try again") }
            if let error = query.value("error") { throw TokenProblem("the provider refused: \(error.prefix(100))") }
            guard let code = query.value("code") else { throw TokenProblem("the provider sent no code") }
            let identity = try await provider.finish(attempt, code: code, callback: callback(request))
            var response = await enter(identity, attempt.next, context)
            let cookie = sessions.cookie(Self.attemptName, "", maxAge: 0)
            response.headers.append(HTTPField(name: .setCookie, value: cookie))
            return response
        } catch let problem as TokenProblem {
            await refused(context, "", problem.description)
            try gatekeeper.limit(gatekeeper.failures.take(context.address, now: WallClock.seconds))
            return try login(request, context, problem: "\(problem)", name: "", next: "/")
        }
    }

    private func callback(_ request: Request) -> String {
        let scheme = settings.access.tls == nil ? "http" : "https"
        let base = settings.access.publicURL ?? "\(scheme)://\(request.head.authority ?? "localhost")"
        return "\(base)\(settings.urlPrefix)/login/callback"
    }

    private static func redirect(_ location: String) -> Response {
        Response(status: .seeOther, headers: [.location: location, .cacheControl: "no-store"])
    }
}
