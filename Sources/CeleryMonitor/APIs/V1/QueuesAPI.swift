import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `GET /api/v1/queues`: the queues as the broker tells of them.
enum QueuesAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/api/v1/queues"
    static let description = APIDescription(
        tag: "Queues",
        summary: "The queues as the broker tells of them",
        schema: .list(
            "queues",
            of: .schema([
                ("name", "string"), ("type", "string"), ("state", "string?"), ("ready", "integer"),
                ("unacknowledged", "integer"), ("consumers", "integer"), ("published", "number"),
                ("delivered", "number"), ("acknowledged", "number"), ("oldest", "number?"), ("leader", "string?"),
                ("members", "array"), ("policy", "string?"), ("bytes", "integer?"), ("priority", "integer?"),
                ("is_paused", "boolean"),
            ]),
            more: ["time": ["type": "number"], "problem": ["type": ["string", "null"]]]
        )
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let picture = monitor.broker.picture
        return .json([
            "time": .double(picture.time), "problem": CeleryValue(picture.problem),
            "queues": .array(picture.queues.map(value)),
        ])
    }

    private static func value(_ queue: QueuePicture) -> CeleryValue {
        [
            "name": .string(queue.name), "type": .string(queue.type), "state": CeleryValue(queue.state),
            "ready": .int(queue.ready), "unacknowledged": .int(queue.unacknowledged),
            "consumers": .int(queue.consumers), "published": .double(queue.published),
            "delivered": .double(queue.delivered), "acknowledged": .double(queue.acknowledged),
            "oldest": CeleryValue(queue.oldest), "leader": CeleryValue(queue.leader),
            "members": .array(queue.members.map { .string($0) }), "policy": CeleryValue(queue.policy),
            "bytes": CeleryValue(queue.bytes), "priority": CeleryValue(queue.priority),
            "is_paused": .bool(queue.isPaused),
        ]
    }
}
