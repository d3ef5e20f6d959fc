import HTTPTypes

/// One endpoint of the HTTP API: its method, path and role, what OpenAPI tells of it, and what it answers.
///
/// One endpoint is one type in APIs/ and a line in `Routes.apis`; the router, the Gatekeeper and `/api/openapi.json`
/// are made of that list. `APIHandler` checks read-only mode and writes the audit log for all that are not GET.
protocol API: Sendable {
    static var method: HTTPRequest.Method { get }
    /// Hummingbird's form: `/api/task/info/:id`.
    static var path: String { get }
    static var role: Role { get }
    /// Whether nobody has to say who he is, as Flower has it for `/metrics` and `/healthcheck`.
    static var isPublic: Bool { get }
    static var description: APIDescription { get }

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer
}

extension API {
    static var role: Role { method == .get ? .viewer : .operator_ }
    static var isPublic: Bool { false }
}
