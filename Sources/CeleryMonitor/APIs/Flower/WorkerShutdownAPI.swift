import CeleryProtocol
import CeleryWorker
import HTTPTypes
import OrderedCollections

/// `POST /api/worker/shutdown/:name` (`flower/api/control.py`).
enum WorkerShutdownAPI: API {
    static let method = HTTPRequest.Method.post
    static let path = "/api/worker/shutdown/:name"
    static let description = APIDescription.worker(
        "Shut a worker down"
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let name = try monitor.worker(request)
        try await monitor.celery.control.shutdown(.init(to: [name]))
        return .message("Shutting down!")
    }
}
