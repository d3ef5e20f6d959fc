import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `GET /healthcheck`: whether this process answers.
enum HealthcheckAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/healthcheck"
    static let isPublic = true
    static let description = APIDescription(
        tag: "Metrics",
        summary: "Whether the monitor answers",
        schema: ["type": "string", "const": "OK"],
        contentType: "text/plain"
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer { .text("OK") }
}
