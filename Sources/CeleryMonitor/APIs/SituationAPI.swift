import CeleryProtocol
import HTTPTypes
import Hummingbird
import OrderedCollections

/// For scripts: `GET /api/findings`, where the sources disagree; `GET /api/task/whereabouts/<id>`, where a task is.
struct SituationAPI: API {
    private let monitor: Monitor

    init(_ monitor: Monitor, actions: ActionRunner) { self.monitor = monitor }

    var endpoints: [Endpoint] {
        [
            Endpoint(method: .get, path: "/api/findings", role: .viewer) { _, _ in
                Self.json(.array(await findings(monitor).map(Self.value)))
            },
            Endpoint(method: .get, path: "/api/task/whereabouts/:id", role: .viewer) { _, context in
                guard let id = context.parameters.strings["id"], id.utf8.count <= 256 else {
                    throw HTTPError(.badRequest, message: "name a task's id")
                }
                return Self.json(Self.value(await whereabouts(of: id, monitor)))
            },
        ]
    }

    private static func value(_ finding: Finding) -> CeleryValue {
        [
            "severity": .string("\(finding.severity)"), "text": .string(finding.text),
            "advice": .string(finding.advice), "link": finding.link.map(CeleryValue.string) ?? .null,
        ]
    }

    private static func value(_ found: Whereabouts) -> CeleryValue {
        [
            "verdict": .string(found.verdict),
            "evidence": .array(found.evidence.map { ["source": .string($0.source), "text": .string($0.text)] }),
        ]
    }

    private static func json(_ value: CeleryValue) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = "application/json; charset=utf-8"
        headers[.cacheControl] = "no-store"
        let body = ResponseBody(byteBuffer: .init(bytes: JSONWriter.bytes(value)))
        return Response(status: .ok, headers: headers, body: body)
    }
}
