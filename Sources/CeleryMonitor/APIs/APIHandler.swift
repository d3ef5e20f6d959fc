import CeleryProtocol
import HTTPTypes
import Hummingbird
import NIOCore
import OrderedCollections

/// Answers calls of the API: reads what is asked, refuses changes in read-only mode, and writes the audit log.
struct APIHandler: Sendable {
    let monitor: Monitor

    func endpoint<A: API>(_ api: A.Type) -> Endpoint {
        Endpoint(method: A.method, path: A.path, role: A.isPublic ? nil : A.role) { request, context in
            try await answer(A.self, request, context)
        }
    }

    func answer<A: API>(_ api: A.Type, _ request: Request, _ context: WebContext) async throws -> Response {
        let identity = context.identity ?? Identity(name: "", role: .viewer, method: .loopback)
        let isChange = A.method != .get
        do {
            if isChange, monitor.settings.isReadOnly { throw APIError(.forbidden, "Read only mode is enabled") }
            let asked = try await read(request, context, identity)
            let answer = try await A.answer(asked, monitor)
            if isChange { await audit(A.self, context, "\(answer.status.code)", isError: answer.status.code > 299) }
            return answer.response
        } catch {
            let refusal = Self.refusal(error)
            if isChange { await audit(A.self, context, refusal.text, isError: true) }
            return Self.answer(refusal, A.path).response
        }
    }

    private func read(_ request: Request, _ context: WebContext, _ identity: Identity) async throws -> APIRequest {
        var asked = APIRequest(parameters: context.parameters.strings, identity: identity)
        asked.arguments = FormFields.decode(request.uri.query ?? "")
        guard request.method != .get else { return asked }
        do {
            asked.body = Array(buffer: try await request.body.collect(upTo: APIRequest.maxBody))
        } catch is NIOTooManyBytesError {
            throw APIError(.contentTooLarge, "the body is larger than \(APIRequest.maxBody) bytes")
        }
        if request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") == true {
            asked.arguments += FormFields.decode(String(decoding: asked.body, as: UTF8.self))
            asked.body = []
        }
        return asked
    }

    private func audit<A: API>(
        _ api: A.Type,
        _ context: WebContext,
        _ outcome: String,
        isError: Bool
    ) async {
        await Audit(monitor: monitor).note(
            context,
            action: A.path.split(separator: "/").filter { !$0.hasPrefix(":") }.joined(separator: "-"),
            subject: context.parameters.strings["name"] ?? context.parameters.strings["id"] ?? "",
            outcome: outcome,
            isError: isError
        )
    }

    /// What a call answers that could not be done; never more than one line, and nothing of this program's inside.
    private static func refusal(_ error: any Error) -> APIError {
        switch error {
        case let error as APIError: error
        case PageError.notFound(let text): .notFound(text)
        case PageError.badRequest(let text): .badRequest(text)
        case PageError.unavailable(let text): .unavailable(text)
        default: .unavailable("\(error)")
        }
    }

    private static func answer(_ error: APIError, _ path: String) -> APIAnswer {
        path.hasPrefix("/api/v1/")
            ? .json(["error": .string(error.text)], status: error.status) : .text(error.text, status: error.status)
    }
}
