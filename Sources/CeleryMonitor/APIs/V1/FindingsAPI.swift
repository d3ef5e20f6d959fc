import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `GET /api/v1/findings`: where the sources disagree, and what is not as it should be.
enum FindingsAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/api/v1/findings"
    static let description = APIDescription(
        tag: "Overview",
        summary: "Where the sources disagree, and what is not as it should be",
        schema: .list(
            "findings",
            of: .schema([("severity", "string"), ("text", "string"), ("advice", "string"), ("link", "string?")])
        )
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let found = await findings(monitor).map { finding -> CeleryValue in
            [
                "severity": .string("\(finding.severity)"), "text": .string(finding.text),
                "advice": .string(finding.advice), "link": CeleryValue(finding.link),
            ]
        }
        return .json(["findings": .array(found)])
    }
}
