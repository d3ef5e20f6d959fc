import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `POST /api/worker/pool/grow/:name` (`flower/api/control.py`).
enum PoolGrowAPI: API {
    static let method = HTTPRequest.Method.post
    static let path = "/api/worker/pool/grow/:name"
    static let description = APIDescription.worker(
        "Grow a worker's pool",
        query: [.init(name: "n", type: "integer", text: "How many; 1 by default")]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let name = try monitor.worker(request)
        let count = try request.integer("n") ?? 1
        _ = try await monitor.command(
            "pool_grow",
            to: name,
            arguments: ["n": .int(count)],
            failure: "Failed to grow '\(name)' worker's pool"
        )
        return .message("Growing '\(name)' worker's pool by \(count)")
    }
}
