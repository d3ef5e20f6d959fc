import CeleryWorker
import HTTPTypes
import Hummingbird

/// Answers requests for pages: whole, or live as Server-Sent Events.
struct PageHandler: Sendable {
    let monitor: Monitor
    let templates: Templates
    let sessions: Sessions

    func whole<P: Page>(_ type: P.Type, _ request: Request, _ context: WebContext) async throws -> Response {
        let asked = try self.asked(request, context, parameters: context.parameters.strings)
        do {
            let page = try P(asked)
            let model = try await page.model(monitor)
            let main = try templates.main(P.template, model)
            return html(frame(P.section, page.title(model), main, asked, context, request, live: request.uri.string))
        } catch let error as PageError {
            return try failure(error, asked, context, request)
        }
    }

    /// What lies in `<main>` of the page.
    func main<P: Page>(_ page: P) async throws -> String {
        try templates.main(P.template, try await page.model(monitor))
    }

    func failure(_ error: PageError, _ asked: PageRequest, _ context: WebContext, _ request: Request) throws -> Response
    {
        struct Model {
            var title: String
            var text: String
        }
        let (status, model): (HTTPResponse.Status, Model) =
            switch error {
            case .notFound(let text): (.notFound, Model(title: "Not found", text: text))
            case .badRequest(let text): (.badRequest, Model(title: "That can't be done", text: text))
            case .unavailable(let text): (.serviceUnavailable, Model(title: "No answer", text: text))
            }
        let main = try templates.main("error", model)
        var response = html(frame(nil, model.title, main, asked, context, request, live: nil))
        response.status = status
        return response
    }

    func asked(_ request: Request, _ context: WebContext, parameters: [String: String]) throws -> PageRequest {
        guard let identity = context.identity else { throw HTTPError(.unauthorized) }
        return PageRequest(
            path: request.uri.path,
            parameters: parameters,
            query: request.uri.queryParameters.map { (String($0.key), String($0.value)) },
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
        let firing = monitor.alerts.firing.filter { !$0.isAcknowledged }.count
        return Templates.Frame(
            title: title,
            prefix: prefix,
            entries: Section.allCases.filter { $0 != .shards || monitor.shards != nil }.map {
                .init(
                    title: $0.title,
                    path: prefix + $0.path,
                    isCurrent: $0 == section,
                    badge: $0 == .alerts && firing > 0 ? "\(firing)" : nil
                )
            },
            main: main,
            live: live.map { "\(prefix)/live\($0)" },
            who: asked.identity.method == .loopback ? nil : asked.identity.name,
            isReadOnly: asked.isReadOnly,
            csrf: sessions.csrf(context),
            notice: asked.value("notice"),
            noticeIsError: asked.value("failed") != nil,
            version: ChardVersion.current
        )
    }

    private func html(_ frame: Templates.Frame) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.cacheControl] = "no-store"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: .init(string: templates.whole(frame))))
    }
}

extension Parameters {
    /// Decoded, by name.
    var strings: [String: String] {
        Dictionary(map { (String($0.key), String($0.value)) }, uniquingKeysWith: { $1 })
    }
}
