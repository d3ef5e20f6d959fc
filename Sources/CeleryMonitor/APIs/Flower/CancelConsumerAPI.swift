import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `POST /api/worker/queue/cancel-consumer/:name` (`flower/api/control.py`).
enum CancelConsumerAPI: API {
    static let method = HTTPRequest.Method.post
    static let path = "/api/worker/queue/cancel-consumer/:name"
    static let description = APIDescription.worker(
        "Have a worker leave a queue",
        query: [.init(name: "queue", text: "The queue", isRequired: true)]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let name = try monitor.worker(request)
        let queue = try request.required("queue")
        let ok = try await monitor.command(
            "cancel_consumer",
            to: name,
            arguments: ["queue": .string(queue)],
            failure: "Failed to cancel '\(queue)' consumer from '\(name)' worker"
        )
        return .json(["message": ok])
    }
}
