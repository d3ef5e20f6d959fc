import CeleryProtocol
import CeleryWorker
import HTTPTypes
import OrderedCollections

/// `POST /api/task/apply/<name>`: sends a task and waits for its result (`flower/api/tasks.py`).
enum TaskApplyAPI: API {
    static let method = HTTPRequest.Method.post
    static let path = "/api/task/apply/:name"
    static let description = APIDescription.sending("Send a task and wait for its result", isKnown: true)

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let name = try request.parameter("name")
        let posting = try TaskPosting(request.body)
        try await monitor.expectTask(name)
        let result = try await posting.send(name, monitor)
        var answer: CeleryMap = ["task-id": .string(result.id)]
        do {
            let meta = try await result.ended(timeout: TaskAnswer.wait(posting.timeout ?? TaskPosting.maxWait))
            TaskAnswer.add(meta, to: &answer)
            answer["state"] = .string(meta.status.rawValue)
        } catch CeleryError.timedOut {
            answer["state"] = .string(try await result.state().rawValue)
        } catch {
            throw TaskAnswer.unavailable(error)
        }
        return .json(.map(answer))
    }
}
