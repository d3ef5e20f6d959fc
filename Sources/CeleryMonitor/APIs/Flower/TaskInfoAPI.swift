import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `GET /api/task/info/<id>`: what events told of a task (`flower/api/tasks.py`).
enum TaskInfoAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/api/task/info/:id"
    static let description = APIDescription(
        tag: "Tasks",
        summary: "What events told of a task",
        path: ["id": "The task's id"],
        schema: TaskRecord.flowerSchema,
        refusals: [404: "unknown task"]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let id = try request.parameter("id")
        guard let task = try await monitor.history.task(id) else { throw APIError.notFound("Unknown task '\(id)'") }
        let children = try await monitor.history.children(of: [id])
        return .json(.map(task.flowerMap(children: children[id] ?? [])))
    }
}
