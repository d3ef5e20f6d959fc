import CeleryProtocol
import CeleryWorker
import HTTPTypes
import OrderedCollections

/// `POST /api/task/revoke/<id>`: no worker shall run the task (`flower/api/control.py`).
enum TaskRevokeAPI: API {
    static let method = HTTPRequest.Method.post
    static let path = "/api/task/revoke/:id"
    static let description = APIDescription(
        tag: "Tasks",
        summary: "Revoke a task",
        path: ["id": "The task's id"],
        query: [
            .init(name: "terminate", type: "boolean", text: "Stop it when it runs"),
            .init(name: "signal", text: "With this signal; SIGTERM by default"),
        ],
        schema: APIDescription.message,
        refusals: [400: "an argument has a wrong type"]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let id = try request.parameter("id")
        let terminate = try request.flag("terminate")
        let signal = request.text("signal") ?? "SIGTERM"
        try await monitor.celery.control.revoke(id, terminate: terminate, signal: signal)
        return .message("Revoked '\(id)'")
    }
}
