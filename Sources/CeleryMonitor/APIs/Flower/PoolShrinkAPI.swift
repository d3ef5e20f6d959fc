import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `POST /api/worker/pool/shrink/:name` (`flower/api/control.py`).
enum PoolShrinkAPI: API {
    static let method = HTTPRequest.Method.post
    static let path = "/api/worker/pool/shrink/:name"
    static let description = APIDescription.worker(
        "Shrink a worker's pool",
        query: [.init(name: "n", type: "integer", text: "How many; 1 by default")]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let name = try monitor.worker(request)
        let count = try request.integer("n") ?? 1
        _ = try await monitor.command(
            "pool_shrink",
            to: name,
            arguments: ["n": .int(count)],
            failure: "Failed to shrink '\(name)' worker's pool"
        )
        return .message("Shrinking '\(name)' worker's pool by \(count)")
    }
}
