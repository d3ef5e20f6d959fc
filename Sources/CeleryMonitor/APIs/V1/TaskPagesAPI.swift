import CeleryProtocol
import HTTPTypes
import OrderedCollections

/// `GET /api/v1/tasks`: tasks in pages, over all that the history has.
enum TaskPagesAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/api/v1/tasks"
    static let maxLimit = 1000
    private static let orders = TaskFilter.Order.allCases.map(\.rawValue).joined(separator: ", ")

    static let description = APIDescription(
        tag: "Tasks",
        summary: "Tasks in pages",
        details: "A page names where the next one begins; ask again with `after` until `next` is null.",
        query: [
            .init(name: "after", text: "`next` of the page before"),
            .init(name: "limit", type: "integer", text: "Tasks of a page, 1 to \(maxLimit); 100 by default"),
            .init(name: "state", text: "One state or several, separated by commas"),
            .init(name: "name", text: "The task's name, * for any characters"),
            .init(name: "worker", text: "The worker, * for any characters"),
            .init(name: "queue", text: "The queue, * for any characters"), .init(name: "tenant", text: "The tenant"),
            .init(name: "id", text: "The beginning of the id"), .init(name: "root", text: "The root's id"),
            .init(name: "from", type: "number", text: "Received then or later; seconds since 1970"),
            .init(name: "to", type: "number", text: "Received then or earlier; seconds since 1970"),
            .init(name: "text", text: "Words in name, arguments, result or exception"),
            .init(name: "runtime", type: "number", text: "Ran so many seconds at least"),
            .init(name: "order", text: "\(orders); with - before it downwards; -timestamp by default"),
        ],
        schema: .list(
            "tasks",
            of: TaskRecord.flowerSchema,
            more: ["next": ["type": ["string", "null"]], "total": ["type": ["integer", "null"]]]
        ),
        refusals: [400: "an argument can't be read"]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let limit = try request.integer("limit") ?? 100
        guard (1...maxLimit).contains(limit) else { throw APIError.badRequest("limit must be from 1 to \(maxLimit)") }
        let filter = try filter(request)
        let page = try await monitor.history.tasks(filter, after: request.text("after"), limit: limit)
        let children = try await monitor.history.children(of: page.tasks.map(\.id))
        let tasks = page.tasks.map { task -> CeleryValue in
            var map = task.flowerMap(children: children[task.id] ?? [])
            map["queue"] = CeleryValue(task.queue)
            map["tenant"] = CeleryValue(task.tenant)
            return .map(map)
        }
        return .json(["tasks": .array(tasks), "next": CeleryValue(page.next), "total": CeleryValue(page.total)])
    }

    private static func filter(_ request: APIRequest) throws -> TaskFilter {
        var filter = TaskFilter()
        let states = request.text("state")?.uppercased().split(separator: ",").map(String.init) ?? []
        filter.states = Set(states)
        filter.name = request.text("name")
        filter.worker = request.text("worker")
        filter.queue = request.text("queue")
        filter.tenant = request.text("tenant")
        filter.id = request.text("id")
        filter.root = request.text("root")
        filter.from = try request.number("from")
        filter.to = try request.number("to")
        filter.text = request.text("text")
        filter.minimalRuntime = try request.number("runtime")
        guard var key = request.text("order") else { return filter }
        filter.isDescending = key.hasPrefix("-")
        if filter.isDescending { key.removeFirst() }
        guard let order = TaskFilter.Order(rawValue: key) else {
            throw APIError.badRequest("order must be one of \(orders)")
        }
        filter.order = order
        return filter
    }
}
