import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `POST /api/task/timeout/<name>`: how long a task may run on a worker (`flower/api/control.py`).
enum TaskTimeoutAPI: API {
    static let method = HTTPRequest.Method.post
    static let path = "/api/task/timeout/:name"
    static let description = APIDescription(
        tag: "Tasks",
        summary: "Set the time limits of a task on a worker",
        path: ["name": "The task's name"],
        query: [
            .init(name: "workername", text: "The worker", isRequired: true),
            .init(name: "soft", type: "number", text: "Seconds"),
            .init(name: "hard", type: "number", text: "Seconds"),
        ],
        schema: APIDescription.message,
        refusals: [400: "an argument can't be read", 404: "unknown task or worker"]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let task = try request.parameter("name")
        let worker = try request.required("workername")
        let (hard, soft) = (try request.number("hard"), try request.number("soft"))
        try await monitor.expectTask(task)
        try monitor.expectWorker(worker)
        let ok = try await monitor.command(
            "time_limit",
            to: worker,
            arguments: [
                "task_name": .string(task), "hard": hard.map(CeleryValue.double) ?? .null,
                "soft": soft.map(CeleryValue.double) ?? .null,
            ],
            failure: "Failed to set timeouts"
        )
        return .json(["message": ok])
    }
}
