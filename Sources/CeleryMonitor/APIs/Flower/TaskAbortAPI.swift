import CeleryProtocol
import CeleryWorker
import HTTPTypes
import OrderedCollections

/// `POST /api/task/abort/<id>`: asks a task to stop, by the state ABORTED (`flower/api/tasks.py`).
enum TaskAbortAPI: API {
    static let method = HTTPRequest.Method.post
    static let path = "/api/task/abort/:id"
    static let description = APIDescription(
        tag: "Tasks",
        summary: "Ask a task to stop, by the state ABORTED",
        path: ["id": "The task's id"],
        schema: APIDescription.message,
        refusals: [503: "the result backend is not configured or does not answer"]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let id = try request.parameter("id")
        do {
            try await monitor.celery.result(id).abort()
        } catch {
            throw TaskAnswer.unavailable(error)
        }
        return .message("Aborted '\(id)'")
    }
}
