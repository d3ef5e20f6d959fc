import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `GET /api/task/types`: the names of tasks that were seen (`flower/api/tasks.py`).
enum TaskTypesAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/api/task/types"
    static let description = APIDescription(
        tag: "Tasks",
        summary: "Names of tasks that were seen",
        schema: [
            "type": "object", "required": ["task-types"],
            "properties": ["task-types": ["type": "array", "items": ["type": "string"]]],
        ]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let names = try await monitor.history.taskNames()
        return .json(["task-types": .array(names.map { .string($0) })])
    }
}
