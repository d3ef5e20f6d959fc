import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `POST /api/worker/pool/autoscale/:name` (`flower/api/control.py`).
enum PoolAutoscaleAPI: API {
    static let method = HTTPRequest.Method.post
    static let path = "/api/worker/pool/autoscale/:name"
    static let description = APIDescription.worker(
        "Set the bounds of a worker's autoscaler",
        query: [
            .init(name: "min", type: "integer", text: "Slots at least", isRequired: true),
            .init(name: "max", type: "integer", text: "Slots at most", isRequired: true),
        ]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let name = try monitor.worker(request)
        guard let least = try request.integer("min") else { throw APIError.badRequest("Missing argument min") }
        guard let most = try request.integer("max") else { throw APIError.badRequest("Missing argument max") }
        _ = try await monitor.command(
            "autoscale",
            to: name,
            arguments: ["min": .int(least), "max": .int(most)],
            failure: "Failed to autoscale '\(name)' worker"
        )
        return .message("Autoscaling '\(name)' worker (min=\(least), max=\(most))")
    }
}
