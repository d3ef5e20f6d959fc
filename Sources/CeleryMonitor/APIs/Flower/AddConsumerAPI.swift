import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `POST /api/worker/queue/add-consumer/:name` (`flower/api/control.py`).
enum AddConsumerAPI: API {
    static let method = HTTPRequest.Method.post
    static let path = "/api/worker/queue/add-consumer/:name"
    static let description = APIDescription.worker(
        "Have a worker consume a queue",
        query: [.init(name: "queue", text: "The queue", isRequired: true)]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let name = try monitor.worker(request)
        let queue = try request.required("queue")
        let ok = try await monitor.command(
            "add_consumer",
            to: name,
            arguments: ["queue": .string(queue)],
            failure: "Failed to add '\(queue)' consumer to '\(name)' worker"
        )
        return .json(["message": ok])
    }
}
