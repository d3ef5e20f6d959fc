import CeleryProtocol
import Foundation
import HTTPTypes
import OrderedCollections

/// `GET /api/tasks`: tasks by id (`flower/api/tasks.py`, `flower/utils/tasks.py`).
///
/// Flower keeps 100,000 tasks in memory, and returns or searches all of them; we search as many of the newest, and
/// return `maxLimit` at most.
enum TasksAPI: API {
    static let maxLimit = 10_000
    static let maxSearched = 100_000
    private static let sortKeys = ["name", "received", "started", "state"]

    static let method = HTTPRequest.Method.get
    static let path = "/api/tasks"
    static let description = APIDescription(
        tag: "Tasks",
        summary: "Tasks by id, the newest first",
        details: "At most 10,000; /api/v1/tasks has pages.",
        query: [
            .init(name: "limit", type: "integer", text: "At most so many"),
            .init(name: "offset", type: "integer", text: "Leave out so many"),
            .init(name: "sort_by", text: "name, state, received or started; with - before it downwards"),
            .init(name: "workername", text: "Only of this worker"),
            .init(name: "taskname", text: "Only of this name"),
            .init(name: "state", text: "Only in this state"),
            .init(name: "received_start", text: "Received then or later, YYYY-MM-DD HH:MM"),
            .init(name: "received_end", text: "Received then or earlier, YYYY-MM-DD HH:MM"),
            .init(name: "search", text: "Flower's search language: words, name:…, state:…, AND, OR, parentheses"),
        ],
        schema: ["type": "object", "additionalProperties": TaskRecord.flowerSchema],
        refusals: [400: "an argument can't be read"]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let limit = try request.integer("limit").map { min(max($0, 0), maxLimit) } ?? maxLimit
        let offset = max(0, try request.integer("offset") ?? 0)
        let filter = try filter(request)
        let query: FlowerSearch
        do throws(FlowerSearchError) {
            query = try FlowerSearch(request.text("search") ?? "")
        } catch {
            return .json(["error": .string("\(error)")], status: .badRequest)
        }
        let tasks = try await find(filter, query, offset: offset, limit: limit, monitor)
        let children = try await monitor.history.children(of: tasks.map(\.id))
        var answer = CeleryMap(minimumCapacity: tasks.count)
        for task in tasks {
            var map = task.flowerMap(children: children[task.id] ?? [])
            // Flower leaves the key out.
            if task.worker == nil { map["worker"] = nil }
            answer[task.id] = .map(map)
        }
        return .json(.map(answer))
    }

    private static func filter(_ request: APIRequest) throws -> TaskFilter {
        var filter = TaskFilter()
        func chosen(_ name: String) -> String? { request.text(name).flatMap { $0 == "All" ? nil : $0 } }
        filter.worker = chosen("workername")
        filter.name = chosen("taskname")
        filter.states = chosen("state").map { [$0.uppercased()] } ?? []
        filter.from = try time(request, "received_start")
        filter.to = try time(request, "received_end")
        guard var key = request.text("sort_by") else { return filter }
        filter.isDescending = key.hasPrefix("-")
        while key.hasPrefix("-") { key.removeFirst() }
        guard sortKeys.contains(key), let order = TaskFilter.Order(rawValue: key) else {
            let expected = sortKeys.joined(separator: ", ")
            throw APIError.badRequest(
                "Invalid sort_by '\(request.text("sort_by") ?? "")', expected one of \(expected)"
            )
        }
        filter.order = order
        return filter
    }

    /// Flower reads the clock of its machine's zone.
    private static func time(_ request: APIRequest, _ name: String) throws -> Double? {
        guard let text = request.text(name) else { return nil }
        guard let time = FlowerTime.minute(text, in: .current) else {
            throw APIError.badRequest("Invalid received_start or received_end, expected format 'YYYY-MM-DD HH:MM'")
        }
        return time
    }

    private static func find(
        _ filter: TaskFilter,
        _ query: FlowerSearch,
        offset: Int,
        limit: Int,
        _ monitor: Monitor
    ) async throws -> [TaskRecord] {
        var (found, skipped, seen): ([TaskRecord], Int, Int) = ([], 0, 0)
        var after: String?
        while found.count < limit, seen < maxSearched {
            let wanted = query == .all ? limit - found.count + offset - skipped : 500
            let page = try await monitor.history.tasks(filter, after: after, limit: min(max(wanted, 1), 500))
            seen += page.tasks.count
            for task in page.tasks where query.matches(task) {
                if skipped < offset {
                    skipped += 1
                } else if found.count < limit {
                    found.append(task)
                }
            }
            guard let next = page.next else { break }
            after = next
        }
        return found
    }
}
