import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `POST /api/worker/pool/restart/:name` (`flower/api/control.py`).
enum PoolRestartAPI: API {
    static let method = HTTPRequest.Method.post
    static let path = "/api/worker/pool/restart/:name"
    static let description = APIDescription.worker(
        "Restart a worker's pool"
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let name = try monitor.worker(request)
        _ = try await monitor.command(
            "pool_restart",
            to: name,
            arguments: ["reload": false],
            failure: "Failed to restart the '\(name)' pool"
        )
        return .message("Restarting '\(name)' worker's pool")
    }
}
