import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `GET /api/queues/length`: the queues that workers consume, else those of the settings, with what they hold
/// (`flower/api/tasks.py`, `flower/views/__init__.py`).
enum QueueLengthsAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/api/queues/length"
    static let description = APIDescription(
        tag: "Queues",
        summary: "Messages in the queues that workers consume",
        schema: [
            "type": "object", "required": ["active_queues"],
            "properties": [
                "active_queues": [
                    "type": "array",
                    "items": [
                        "type": "object", "required": ["name", "messages"],
                        "properties": [
                            "name": ["type": "string"], "messages": ["type": "integer"],
                            "messages_ready": ["type": "integer"], "messages_unacknowledged": ["type": "integer"],
                            "consumers": ["type": "integer"],
                        ],
                    ],
                ]
            ],
        ],
        refusals: [503: "the broker's management API does not answer"]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let picture = monitor.broker.picture
        guard picture.time > 0 else {
            throw APIError.unavailable(picture.problem ?? "the broker's management API has not answered yet")
        }
        let reports = try await monitor.inspector.survey(age: 60)
        var names = Set<String>()
        for report in reports.values {
            for queue in report.activeQueues ?? [] { if let name = queue["name"]?.stringValue { names.insert(name) } }
        }
        let queues = picture.queues.filter { names.isEmpty ? $0.isConfigured : names.contains($0.name) }
        let values = queues.sorted { $0.name < $1.name }.map { queue -> CeleryValue in
            [
                "name": .string(queue.name), "messages": .int(queue.ready + queue.unacknowledged),
                "messages_ready": .int(queue.ready), "messages_unacknowledged": .int(queue.unacknowledged),
                "consumers": .int(queue.consumers),
            ]
        }
        return .json(["active_queues": .array(values)])
    }
}
