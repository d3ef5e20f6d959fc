import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `POST /api/task/rate-limit/<name>`: how often a worker may start a task (`flower/api/control.py`).
enum TaskRateLimitAPI: API {
    static let method = HTTPRequest.Method.post
    static let path = "/api/task/rate-limit/:name"
    static let description = APIDescription(
        tag: "Tasks",
        summary: "Set the rate limit of a task on a worker",
        path: ["name": "The task's name"],
        query: [
            .init(name: "workername", text: "The worker", isRequired: true),
            .init(name: "ratelimit", text: "E.g. 200, or 10/m", isRequired: true),
        ],
        schema: APIDescription.message,
        refusals: [400: "an argument is missing", 404: "unknown task or worker"]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let task = try request.parameter("name")
        let worker = try request.required("workername")
        let limit = try request.required("ratelimit")
        try await monitor.expectTask(task)
        try monitor.expectWorker(worker)
        let ok = try await monitor.command(
            "rate_limit",
            to: worker,
            arguments: ["task_name": .string(task), "rate_limit": .string(limit)],
            failure: "Failed to set rate limit"
        )
        return .json(["message": ok])
    }
}
