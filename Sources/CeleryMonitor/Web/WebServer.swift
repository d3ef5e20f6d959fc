import Hummingbird
import Logging

/// The HTTP side: routes, and what every request passes through.
struct WebServer: Sendable {
    let monitor: Monitor
    let assets: WebAssets
    let templates: Templates
    let sessions = Sessions()

    func router() -> Router<WebContext> {
        let router = Router(context: WebContext.self)
        router.addMiddleware { Gatekeeper(monitor: monitor) }
        let prefix = monitor.settings.urlPrefix
        let group = router.group(RouterPath(prefix))
        let pages = PageHandler(monitor: monitor, templates: templates, sessions: sessions)
        for page in Routes.pages { Self.add(page, pages, group) }
        let apis = APIHandler(monitor: monitor)
        for api in Routes.apis { apis.add(api, to: group) }
        group.get("static/**") { request, context in try await StaticFiles(assets: assets).file(request, context) }
        return router
    }

    private static func add<P: Page>(_ type: P.Type, _ pages: PageHandler, _ group: RouterGroup<WebContext>) {
        group.get(RouterPath(P.path)) { request, context in try await pages.whole(P.self, request, context) }
        group.get(RouterPath("/live" + P.path)) { request, context in
            try await LiveStream(pages: pages).response(P.self, request, context)
        }
    }
}
