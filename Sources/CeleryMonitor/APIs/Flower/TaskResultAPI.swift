import CeleryProtocol
import CeleryWorker
import HTTPTypes
import OrderedCollections

/// `GET /api/task/result/<id>`: what the result backend has (`flower/api/tasks.py`).
enum TaskResultAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/api/task/result/:id"
    static let description = APIDescription(
        tag: "Tasks",
        summary: "What the result backend has of a task",
        path: ["id": "The task's id"],
        query: [.init(name: "timeout", type: "number", text: "Wait so many seconds for its end")],
        schema: [
            "type": "object", "required": ["task-id", "state"],
            "properties": [
                "task-id": ["type": "string"], "state": ["type": "string"], "result": [:],
                "traceback": ["type": ["string", "null"]],
            ],
        ],
        refusals: [400: "invalid timeout", 503: "the result backend is not configured or does not answer"]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let result = monitor.celery.result(try request.parameter("id"))
        let timeout = try request.number("timeout") ?? 0
        do {
            var meta = try await monitor.storedResult(result.id)
            if timeout > 0, meta?.status.isReady != true {
                do {
                    meta = try await result.ended(timeout: TaskAnswer.wait(timeout))
                } catch CeleryError.timedOut {
                    meta = try await monitor.storedResult(result.id)
                }
            }
            var answer: CeleryMap = ["task-id": .string(result.id)]
            answer["state"] = .string((meta?.status ?? .pending).rawValue)
            if let meta, meta.status.isReady { TaskAnswer.add(meta, to: &answer, monitor) }
            return .json(.map(answer))
        } catch let error as MonitorError {
            throw APIError(.contentTooLarge, error.description)
        } catch {
            throw TaskAnswer.unavailable(error)
        }
    }
}
