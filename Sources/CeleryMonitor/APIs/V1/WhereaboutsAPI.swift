import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `GET /api/v1/whereabouts/<id>`: where a task is, and who says so.
enum WhereaboutsAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/api/v1/whereabouts/:id"
    static let description = APIDescription(
        tag: "Tasks",
        summary: "Where a task is that has not run, and who says so",
        path: ["id": "The task's id"],
        schema: .list(
            "evidence",
            of: .schema([("source", "string"), ("text", "string")]),
            more: ["verdict": ["type": "string"]]
        )
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let id = try request.parameter("id")
        guard id.utf8.count <= 256 else { throw APIError.badRequest("that is no task's id: it is too long") }
        let found = await whereabouts(of: id, monitor)
        return .json([
            "verdict": .string(found.verdict),
            "evidence": .array(found.evidence.map { ["source": .string($0.source), "text": .string($0.text)] }),
        ])
    }
}
