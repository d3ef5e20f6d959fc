import Connections
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Lets in who may come in, and says who it is; everything passes through it.
struct Gatekeeper: RouterMiddleware {
    let monitor: Monitor
    let sessions: Sessions
    let authenticator: Authenticator
    private let requests: RateLimiter
    /// Failed logins, by address.
    let failures: RateLimiter
    private let crossSite: CrossSite

    /// A request's body at most.
    private static let maxBody = 8 << 20

    private var access: AccessSettings { monitor.settings.access }

    init(monitor: Monitor, sessions: Sessions) {
        let access = monitor.settings.access
        self.monitor = monitor
        self.sessions = sessions
        authenticator = Authenticator(access, sessions: sessions, logger: monitor.logger)
        requests = RateLimiter(rate: access.requestRate, burst: access.requestRate * 5)
        failures = RateLimiter(rate: access.loginRate / 60, burst: access.loginRate)
        crossSite = CrossSite(hosts: monitor.settings.hosts)
    }

    func handle(
        _ request: Request,
        context: WebContext,
        next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.address = address(request, context)
        try limit(requests.take(context.address, now: WallClock.seconds))
        if let length = request.headers[.contentLength].flatMap(Int.init), length > Self.maxBody {
            throw HTTPError(.contentTooLarge, headers: [.connection: "close"], message: "that is more than 8 MiB")
        }
        try await identify(request, &context)
        if let problem = crossSite.problem(request) {
            await refuse(request, context, "a cross-site request: \(problem)")
            throw HTTPError(.forbidden, message: "The monitor takes no requests of other sites: \(problem).")
        }
        var response = try await next(request, context)
        if let session = context.session, sessions.isAlive(session), let cookie = sessions.renewal(session) {
            response.headers.append(HTTPField(name: .setCookie, value: cookie))
        }
        return response
    }

    private func identify(_ request: Request, _ context: inout WebContext) async throws {
        if request.headers[.authorization] != nil, access.isConfigured {
            try limit(failures.wait(context.address, now: WallClock.seconds))
        }
        switch await authenticator.identity(request) {
        case .known(let identity, let session, let until):
            (context.identity, context.session, context.until) = (identity, session, until)
            if access.isConfigured { try limit(requests.take("who:\(identity.name)", now: WallClock.seconds)) }
        case .unknown: break
        case .busy: try limit(1)
        case .refused(let name, let reason):
            context.refusal = reason
            try limit(failures.take(context.address, now: WallClock.seconds))
            await audit(context, name, "login-refused", "\(request.method.rawValue) \(request.uri.path)", reason)
        }
    }

    /// - Returns: What to answer instead: the way to the login.
    /// - Throws: `HTTPError` unless whoever asks may use the endpoint.
    func admit(_ endpoint: Endpoint, _ request: Request, _ context: WebContext) async throws -> Response? {
        guard let role = endpoint.role else { return nil }
        if !access.isConfigured { try checkWithoutLogin(endpoint, request) }
        guard let identity = context.identity else { return try challenge(request, context) }
        guard !endpoint.checksItself, identity.role < role else { return nil }
        let reason = "\(identity.name) is a \(identity.role.rawValue); this needs an \(role.rawValue)"
        await refuse(request, context, reason)
        throw HTTPError(.forbidden, message: reason)
    }

    /// Where nobody logs in, names are checked, and programs are kept out as Flower does (`flower/api/__init__.py`).
    private func checkWithoutLogin(_ endpoint: Endpoint, _ request: Request) throws {
        if let problem = crossSite.problem(ofHost: request.head.authority) {
            throw HTTPError(.misdirectedRequest, message: problem)
        }
        if endpoint.path.hasPrefix("/api/"), !access.unauthenticatedAPI {
            throw HTTPError(
                .unauthorized,
                message: "the API needs credentials: configure monitor.access, or set FLOWER_UNAUTHENTICATED_API=true"
            )
        }
    }

    /// People go to the login; programs are told what to send. A script of ours gets no challenge, for the browser
    /// would ask for a password in the middle of the page.
    private func challenge(_ request: Request, _ context: WebContext) throws -> Response {
        let isPerson = request.headers[.accept]?.contains("text/html") ?? false
        if isPerson, context.refusal == nil, request.method == .get, access.hasLogin {
            let here = OwnPath.safe(request.uri.string, prefix: monitor.settings.urlPrefix)
            let next = here.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let path = "\(monitor.settings.urlPrefix)/login?next=\(next)"
            return Response(status: .seeOther, headers: [.location: path, .cacheControl: "no-store"])
        }
        var headers: HTTPFields = [:]
        if request.headers[.secFetchMode] == nil {
            if !access.users.isEmpty {
                headers.append(HTTPField(name: .wwwAuthenticate, value: #"Basic realm="chard", charset="UTF-8""#))
            }
            headers.append(HTTPField(name: .wwwAuthenticate, value: #"Bearer realm="chard""#))
        }
        throw HTTPError(.unauthorized, headers: headers, message: context.refusal ?? "say who you are")
    }

    func refuse(_ request: Request, _ context: WebContext, _ reason: String) async {
        await audit(context, nil, "refused", "\(request.method.rawValue) \(request.uri.path)", reason)
    }

    private func audit(
        _ context: WebContext,
        _ who: String?,
        _ action: String,
        _ subject: String,
        _ reason: String
    ) async {
        await Audit(monitor: monitor).note(
            context,
            who: who,
            action: action,
            subject: subject,
            outcome: reason,
            isError: true
        )
    }

    /// - Throws: 429 with the seconds to wait.
    func limit(_ wait: Double?) throws {
        guard let wait else { return }
        let seconds = String(Int(min(wait, 3600).rounded(.up)))
        throw HTTPError(
            .tooManyRequests,
            headers: [.retryAfter: seconds],
            message: "too many requests; try again in \(seconds) s"
        )
    }

    /// Of whoever asks; behind a proxy that is believed, the last address that it did not add itself.
    private func address(_ request: Request, _ context: WebContext) -> String {
        let peer = context.remoteAddress?.ipAddress ?? ""
        guard access.proxies.contains(peer), let forwarded = request.headers[.xForwardedFor] else { return peer }
        let chain = forwarded.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        let last = chain.last { !access.proxies.contains($0) }
        return last.flatMap { HostName.isAddress($0) ? $0 : nil } ?? peer
    }
}

extension HTTPField.Name {
    // Only names that are no tokens are refused, and these are.
    static let xForwardedFor = HTTPField.Name("X-Forwarded-For")!
    static let secFetchMode = HTTPField.Name("Sec-Fetch-Mode")!
    static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
}
