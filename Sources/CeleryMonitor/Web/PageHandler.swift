import CeleryWorker
import HTTPTypes
import Hummingbird

/// Answers requests for pages: whole, or live as Server-Sent Events.
struct PageHandler: Sendable {
    let monitor: Monitor
    let templates: Templates
    let sessions: Sessions

    func whole<P: Page>(_ type: P.Type, _ request: Request, _ context: WebContext) async throws -> Response {
        let asked = try self.asked(request, context)
        let page = try P(asked)
        let model = try await page.model(monitor)
        let main = try templates.main(P.template, model, surroundings(asked, context, request))
        let live = "\(monitor.settings.urlPrefix)/live\(here(request))"
        return html(frame(P.section, page.title(model), main, asked, context, request, live: live), request)
    }

    /// What lies in `<main>` of the page.
    func main<P: Page>(_ page: P, _ surroundings: Templates.Surroundings) async throws -> String {
        try templates.main(P.template, try await page.model(monitor), surroundings)
    }

    func surroundings(_ asked: PageRequest, _ context: WebContext, _ request: Request) -> Templates.Surroundings {
        let query = request.uri.query.map { "?\($0)" } ?? ""
        return Templates.Surroundings(
            prefix: monitor.settings.urlPrefix,
            csrf: sessions.csrf(context),
            here: asked.path + query
        )
    }

    /// A page that says why there is none; for whoever asks, known or not.
    func failure(
        _ title: String,
        _ text: String,
        status: HTTPResponse.Status,
        _ request: Request,
        _ context: WebContext
    ) throws -> Response {
        struct Model {
            var title: String
            var text: String
        }
        var response = try plain("error", Model(title: title, text: text), title: title, request, context)
        response.status = status
        return response
    }

    /// A page outside the navigation, for whoever asks, known or not.
    func plain(
        _ template: String,
        _ model: any Sendable,
        title: String,
        _ request: Request,
        _ context: WebContext
    ) throws -> Response {
        let asked = pageRequest(request, context, context.identity ?? .nobody)
        let main = try templates.main(template, model, surroundings(asked, context, request))
        return html(frame(nil, title, main, asked, context, request, live: nil), request)
    }

    /// Path and query, below the prefix.
    private func here(_ request: Request) -> String { String(request.uri.string.dropFirst(prefixLength(request))) }

    private func prefixLength(_ request: Request) -> Int {
        let prefix = monitor.settings.urlPrefix
        return request.uri.string.hasPrefix(prefix) ? prefix.count : 0
    }

    func asked(_ request: Request, _ context: WebContext) throws -> PageRequest {
        guard let identity = context.identity else { throw HTTPError(.unauthorized) }
        return pageRequest(request, context, identity)
    }

    private func pageRequest(_ request: Request, _ context: WebContext, _ identity: Identity) -> PageRequest {
        PageRequest(
            path: String(request.uri.path.dropFirst(prefixLength(request))),
            parameters: context.parameters.strings,
            query: FormFields.decode(request.uri.query ?? ""),
            identity: identity,
            isReadOnly: monitor.settings.isReadOnly || identity.role < .operator_
        )
    }

    private func frame(
        _ section: Section?,
        _ title: String,
        _ main: String,
        _ asked: PageRequest,
        _ context: WebContext,
        _ request: Request,
        live: String?
    ) -> Templates.Frame {
        let prefix = monitor.settings.urlPrefix
        let notice = sessions.notice(request)
        let firing = monitor.alerts.firing.filter { !$0.isAcknowledged }.count
        return Templates.Frame(
            title: title,
            prefix: prefix,
            entries: context.identity == nil
                ? []
                : Section.allCases.filter { $0 != .shards || monitor.shards != nil }.map {
                    .init(
                        title: $0.title,
                        path: prefix + $0.path,
                        isCurrent: $0 == section,
                        badge: $0 == .alerts && firing > 0 ? "\(firing)" : nil
                    )
                },
            main: main,
            live: live,
            who: [.loopback, .none].contains(asked.identity.method) ? nil : asked.identity.name,
            canLogOut: context.session != nil,
            isReadOnly: asked.isReadOnly,
            csrf: sessions.csrf(context),
            notice: notice?.text,
            noticeIsError: notice?.isError ?? false,
            version: ChardVersion.current
        )
    }

    private func html(_ frame: Templates.Frame, _ request: Request) -> Response {
        var headers: HTTPFields = [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"]
        if frame.notice != nil { headers[.setCookie] = sessions.noticeCookieEnd }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: .init(string: templates.whole(frame))))
    }
}

extension Parameters {
    /// Decoded, by name.
    var strings: [String: String] {
        Dictionary(
            map { (String($0.key), FormFields.plain($0.value.utf8, plusIsSpace: false)) },
            uniquingKeysWith: { $1 }
        )
    }
}
