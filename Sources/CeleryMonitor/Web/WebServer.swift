import HTTPTypes
import Hummingbird
import Logging

/// The HTTP side: all endpoints, and what every request passes through.
struct WebServer: Sendable {
    let monitor: Monitor
    let sessions: Sessions
    private let gatekeeper: Gatekeeper
    private let pages: PageHandler
    private let files: StaticFiles

    init(monitor: Monitor, assets: WebAssets, templates: Templates) throws {
        self.monitor = monitor
        sessions = Sessions(monitor.settings.access, urlPrefix: monitor.settings.urlPrefix)
        gatekeeper = Gatekeeper(monitor: monitor, sessions: sessions)
        pages = PageHandler(monitor: monitor, templates: templates, sessions: sessions)
        files = try StaticFiles(assets, logger: monitor.logger)
    }

    /// Everything that is answered, below the prefix.
    var endpoints: [Endpoint] {
        let actions = ActionRunner(monitor: monitor, sessions: sessions)
        let apis = APIHandler(monitor: monitor)
        return Routes.pages.flatMap { endpoints(of: $0) } + Routes.actions.map { actions.endpoint($0) }
            + Routes.apis.map { closed(apis.endpoint($0)) }
            + LoginEndpoints(pages: pages, gatekeeper: gatekeeper).endpoints + files.endpoints
    }

    /// `/metrics` is open as Flower's is (docs/auth.rst), unless the settings close it.
    private func closed(_ endpoint: Endpoint) -> Endpoint {
        guard endpoint.path == "/metrics", !monitor.settings.access.openMetrics else { return endpoint }
        var endpoint = endpoint
        endpoint.role = .viewer
        return endpoint
    }

    func router() -> Router<WebContext> {
        let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
        router.addMiddleware {
            ErrorPages(pages: pages)
            gatekeeper
        }
        let group = router.group(RouterPath(monitor.settings.urlPrefix))
        var methods: [String: Set<HTTPRequest.Method>] = [:]
        for endpoint in endpoints {
            methods[endpoint.path, default: []].insert(endpoint.method)
            group.on(RouterPath(endpoint.path), method: endpoint.method) { request, context in
                if let other = try await gatekeeper.admit(endpoint, request, context) { return other }
                return try await endpoint.respond(request, context)
            }
        }
        for (path, methods) in methods { Self.refuseOthers(than: methods, path, group) }
        return router
    }

    private func endpoints<P: Page>(of type: P.Type) -> [Endpoint] {
        let whole = Endpoint(method: .get, path: P.path, role: P.role) { request, context in
            try await pages.whole(P.self, request, context)
        }
        let live = Endpoint(method: .get, path: "/live\(P.path)", role: P.role) { request, context in
            try await LiveStream(pages: pages).response(P.self, request, context)
        }
        return [whole, live]
    }

    /// Answers 405 rather than 404 (RFC 9110 §15.5.6).
    private static func refuseOthers(
        than methods: Set<HTTPRequest.Method>,
        _ path: String,
        _ group: RouterGroup<WebContext>
    ) {
        var allowed = methods
        if methods.contains(.get) { allowed.insert(.head) }
        let text = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        let others: [HTTPRequest.Method] = [.get, .head, .post, .put, .delete, .patch, .options, .trace]
        for method in others where !allowed.contains(method) {
            group.on(RouterPath(path), method: method) { _, _ -> Response in
                throw HTTPError(.methodNotAllowed, headers: [.allow: text], message: "this takes \(text) only")
            }
        }
    }
}
