import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `GET /api/v1/audit`: who did what, the newest first.
enum AuditAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/api/v1/audit"
    static let role = Role.operator_
    static let description = APIDescription(
        tag: "Audit",
        summary: "Who did what, the newest first",
        query: [
            .init(name: "before", type: "number", text: "Older than this; seconds since 1970"),
            .init(name: "limit", type: "integer", text: "1 to 1000; 100 by default"),
        ],
        schema: .list(
            "entries",
            of: .schema([
                ("time", "number"), ("who", "string"), ("address", "string"), ("action", "string"),
                ("subject", "string"), ("details", "string"), ("outcome", "string"), ("is_error", "boolean"),
            ])
        ),
        refusals: [400: "an argument can't be read"]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let limit = try request.integer("limit") ?? 100
        guard (1...1000).contains(limit) else { throw APIError.badRequest("limit must be from 1 to 1000") }
        let entries = try await monitor.history.audit(before: request.number("before"), limit: limit)
        let values = entries.map { entry -> CeleryValue in
            [
                "time": .double(entry.time), "who": .string(entry.who), "address": .string(entry.address),
                "action": .string(entry.action), "subject": .string(entry.subject),
                "details": .string(entry.details), "outcome": .string(entry.outcome),
                "is_error": .bool(entry.isError),
            ]
        }
        return .json(["entries": .array(values)])
    }
}
