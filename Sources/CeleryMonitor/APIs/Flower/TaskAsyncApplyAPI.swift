import CeleryProtocol
import HTTPTypes

/// `POST /api/task/async-apply/<name>`: sends a task that some worker knows (`flower/api/tasks.py`).
enum TaskAsyncApplyAPI: API {
    static let method = HTTPRequest.Method.post
    static let path = "/api/task/async-apply/:name"
    static let description = APIDescription.sending("Send a task that some worker knows", isKnown: true)

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let name = try request.parameter("name")
        let posting = try TaskPosting(request.body)
        try await monitor.expectTask(name)
        return .json(.map(try await TaskAnswer.sent(posting.send(name, monitor))))
    }
}
