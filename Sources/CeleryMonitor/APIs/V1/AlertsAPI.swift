import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `GET /api/v1/alerts`: what fires now, the gravest first.
enum AlertsAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/api/v1/alerts"
    static let description = APIDescription(
        tag: "Alerts",
        summary: "Alerts that fire, the gravest first",
        schema: .list(
            "alerts",
            of: .schema([
                ("rule", "string"), ("subject", "string"), ("severity", "string"), ("text", "string"),
                ("advice", "string"), ("since", "number"), ("is_acknowledged", "boolean"),
            ])
        )
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        .json(["alerts": .array(monitor.alerts.firing.map { .map($0.map) })])
    }
}

extension FiringAlert {
    var map: CeleryMap {
        [
            "rule": .string(rule), "subject": .string(subject), "severity": .string("\(severity)"),
            "text": .string(text), "advice": .string(advice), "since": .double(since),
            "is_acknowledged": .bool(isAcknowledged),
        ]
    }
}
