import HTTPTypes
import Hummingbird
import NIOCore

/// Does actions: checks who may, runs, writes the audit log whatever the end, and tells the person.
struct ActionRunner: Sendable {
    let monitor: Monitor
    let sessions: Sessions

    /// A form's bytes at most: an edited message is among them.
    static let bodyLimit = 4 << 20

    private var audit: Audit { Audit(monitor: monitor) }

    /// `POST /actions/<name>`, for forms and for programs.
    func endpoint<A: Action>(_ type: A.Type) -> Endpoint {
        Endpoint(method: .post, path: "/actions/\(A.name)", role: .operator_, checksItself: true) { request, context in
            try await post(type, request, context)
        }
    }

    /// Does it for whoever asks: for APIs, which read their requests themselves.
    ///
    /// - Throws: `HTTPError` 401 or 403 when he may not; `PageError` and what the action throws.
    func run<A: Action>(_ action: A, _ context: WebContext) async throws -> String {
        let identity = try await allowed(A.name, action.subject, context)
        do {
            let text = try await action.run(monitor, as: identity)
            await note(action, context, text, isError: false)
            return text
        } catch {
            await note(action, context, Self.text(error), isError: true)
            throw error
        }
    }

    /// One line for a person: what went wrong.
    static func text(_ error: any Error) -> String {
        switch error {
        case PageError.notFound(let text), PageError.badRequest(let text), PageError.unavailable(let text): text
        case let error as HTTPError: error.body ?? error.status.reasonPhrase
        default: "\(error)"
        }
    }

    /// - Returns: Who asks, when he may; a refusal is written down.
    private func allowed(_ name: String, _ subject: String, _ context: WebContext) async throws -> Identity {
        guard let identity = context.identity else { throw HTTPError(.unauthorized) }
        let reason: String
        if monitor.settings.isReadOnly {
            reason = "the monitor is read-only"
        } else if identity.role < .operator_ {
            reason = "\(identity.name) is a viewer; this needs an operator"
        } else {
            return identity
        }
        await audit.note(context, action: name, subject: subject, outcome: "refused: \(reason)", isError: true)
        throw HTTPError(.forbidden, message: reason)
    }

    private func post<A: Action>(_ type: A.Type, _ request: Request, _ context: WebContext) async throws -> Response {
        guard context.identity != nil else { throw HTTPError(.unauthorized) }
        let form = try await Self.form(request)
        let identity = try await allowed(A.name, "", context)
        if identity.method != .bearer, !sessions.isCSRF(form.value("csrf") ?? "", identity) {
            let reason = "the form is too old or was not made by this monitor; load the page again"
            await audit.note(context, action: A.name, outcome: "refused: \(reason)", isError: true)
            throw HTTPError(.forbidden, message: reason)
        }
        let back = OwnPath.safe(form.value("back"), prefix: monitor.settings.urlPrefix)
        do {
            return answer(try await run(try A(form), context), status: .ok, back, request)
        } catch {
            return answer(Self.text(error), status: Self.status(error), back, request)
        }
    }

    /// Back to the page with one line, or JSON for a program.
    private func answer(_ text: String, status: HTTPResponse.Status, _ back: String, _ request: Request) -> Response {
        let isError = status != .ok
        var headers: HTTPFields = [.cacheControl: "no-store"]
        if request.wantsJSON {
            return .json([isError ? "error" : "message": text], status: status, headers: headers)
        }
        headers[.location] = back
        headers[.setCookie] = sessions.noticeCookie(text, isError: isError)
        return Response(status: .seeOther, headers: headers)
    }

    private func note<A: Action>(_ action: A, _ context: WebContext, _ outcome: String, isError: Bool) async {
        await audit.note(
            context,
            action: A.name,
            subject: action.subject,
            details: action.details,
            outcome: outcome,
            isError: isError
        )
    }

    private static func status(_ error: any Error) -> HTTPResponse.Status {
        switch error {
        case PageError.notFound: .notFound
        case PageError.badRequest: .badRequest
        case PageError.unavailable: .serviceUnavailable
        case let error as HTTPError: error.status
        default: .internalServerError
        }
    }

    static func form(_ request: Request) async throws -> ActionForm {
        let type = request.headers[.contentType]?.split(separator: ";").first?.lowercased()
        guard type == nil || type == "application/x-www-form-urlencoded" else {
            throw HTTPError(.unsupportedMediaType, message: "post a form, application/x-www-form-urlencoded")
        }
        let body = try await request.body.collect(upTo: bodyLimit)
        return ActionForm(FormFields.decode(String(buffer: body)))
    }
}
