import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1

/// Turns whatever goes wrong into a page, or into text or JSON for a program, and gives every answer the headers that
/// keep browsers from doing more with it than we meant.
struct ErrorPages: RouterMiddleware {
    let pages: PageHandler

    func handle(
        _ request: Request,
        context: WebContext,
        next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as HTTPParserError {
            throw error  // Hummingbird answers 400 and closes the connection.
        } catch {
            response = try answer(error, request, context)
        }
        for field in Self.headers where response.headers[field.name] == nil {
            response.headers[field.name] = field.value
        }
        return response
    }

    /// https://developer.mozilla.org/en-US/docs/Web/HTTP/CSP: our own scripts and styles only, none in the page; nobody
    /// may frame us. `same-origin` as referrer, for without one browsers send `Origin: null` with our own forms.
    private static let headers: [(name: HTTPField.Name, value: String)] = [
        (
            .contentSecurityPolicy,
            "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
                + "frame-ancestors 'none'"
        ),
        (.xContentTypeOptions, "nosniff"),
        (named("Referrer-Policy"), "same-origin"),
        (named("Cross-Origin-Opener-Policy"), "same-origin"),
        (named("Cross-Origin-Resource-Policy"), "same-origin"),
        (named("X-Frame-Options"), "DENY"),
    ]

    private static func named(_ name: String) -> HTTPField.Name {
        // Only names that are no tokens are refused, and these are.
        HTTPField.Name(name)!
    }

    private func answer(_ error: any Error, _ request: Request, _ context: WebContext) throws -> Response {
        let (status, title, text) = Self.words(for: error)
        if status == .internalServerError { pages.monitor.logger.error("monitor: \(request.uri.path): \(error)") }
        let isForProgram = request.uri.path.hasPrefix("\(pages.monitor.settings.urlPrefix)/api/")
        var response: Response
        if request.wantsJSON {
            response = .json(["error": text], status: status)
        } else if isForProgram {
            response = Response(status: status, body: .init(byteBuffer: .init(string: "\(text)\n")))
            response.headers[.contentType] = "text/plain; charset=utf-8"
        } else {
            response = try pages.failure(title, text, status: status, request, context)
        }
        if let error = error as? HTTPError { response.headers.append(contentsOf: error.headers) }
        response.headers[.cacheControl] = "no-store"
        return response
    }

    private static func words(for error: any Error) -> (HTTPResponse.Status, title: String, text: String) {
        switch error {
        case PageError.notFound(let text): return (.notFound, "Not found", text)
        case PageError.badRequest(let text): return (.badRequest, "That can't be done", text)
        case PageError.unavailable(let text): return (.serviceUnavailable, "No answer", text)
        case let error as any HTTPResponseError:
            let text = (error as? HTTPError)?.body ?? Self.text(of: error.status)
            return (error.status, error.status.reasonPhrase, text)
        default:
            return (.internalServerError, "Something went wrong", "The monitor's log says what.")
        }
    }

    private static func text(of status: HTTPResponse.Status) -> String {
        switch status {
        case .notFound: "There is nothing at this address."
        case .contentTooLarge: "That is more than the monitor takes."
        case .unauthorized: "Say who you are."
        default: "The monitor refused this."
        }
    }
}
