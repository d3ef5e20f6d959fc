import CeleryProtocol
import HTTPTypes

/// `POST /api/task/send-task/<name>`: sends a task whether or not anybody knows it (`flower/api/tasks.py`).
enum TaskSendAPI: API {
    static let method = HTTPRequest.Method.post
    static let path = "/api/task/send-task/:name"
    static let description = APIDescription.sending("Send a task by its name", isKnown: false)

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let posting = try TaskPosting(request.body)
        return .json(.map(try await TaskAnswer.sent(posting.send(request.parameter("name"), monitor))))
    }
}
