import CeleryProtocol
import GRDB
import OrderedCollections
import Testing

@testable import CeleryMonitor

@Suite struct HistoryPagingTests {
    private static let count = 150

    /// Tasks in all states, many with equal values, in no order.
    private static func filled() async throws -> History {
        let history = try Fixture.history()
        var events: [CeleryMap] = []
        for number in 0..<count {
            let (id, name, worker) = ("id-\(number * 7919 % 1000)", "task.\(number % 3)", "celery@\(number % 4)")
            let time = Fixture.now - Double(number * 31 % 40)
            switch number % 5 {
            case 0: events.append(Fixture.event("sent", id, at: time, ["queue": "mail", "name": .string(name)]))
            case 1: events.append(Fixture.event("received", id, at: time, by: worker, ["name": .string(name)]))
            case 2: events.append(Fixture.event("started", id, at: time, by: worker))
            default:
                events += Fixture.run(id, name, at: time, by: worker, runtime: Double(number % 6))
                if number % 5 == 4 {
                    events[events.count - 1] = Fixture.event(
                        "failed",
                        id,
                        at: time + 2,
                        by: worker,
                        ["exception": "E()"]
                    )
                }
            }
        }
        try await history.add(events, now: Fixture.now)
        return history
    }

    @Test(arguments: TaskFilter.Order.allCases, [true, false])
    func everyOrderShowsEveryTaskOnceAndInOrder(order: TaskFilter.Order, isDescending: Bool) async throws {
        let history = try await Self.filled()
        let filter = TaskFilter(order: order, isDescending: isDescending)
        var (tasks, after, pages): ([TaskRecord], String?, Int) = ([], nil, 0)
        repeat {
            let page = try await history.tasks(filter, after: after, limit: 7)
            #expect(page.total == Self.count)
            tasks += page.tasks
            after = page.next
            pages += 1
        } while after != nil && pages < 100
        #expect(tasks.count == Self.count)
        #expect(Set(tasks.map(\.id)).count == Self.count)
        let places = tasks.map { TaskPlace(TaskRow(number: 0, record: $0), order).sortValue }
        for (one, next) in zip(places, places.dropFirst()) where one != next {
            switch (one, next) {
            case (.number(let one), .number(let next)): #expect(isDescending ? one > next : one < next)
            case (.text(let one), .text(let next)): #expect(isDescending ? one > next : one < next)
            default: Issue.record("two kinds of values in one order")
            }
        }
    }

    @Test(arguments: TaskFilter.Order.allCases)
    func everyFilterGoesWithEveryOrder(order: TaskFilter.Order) async throws {
        let history = try await Self.filled()
        let all = try await history.tasks(TaskFilter(), after: nil, limit: 1000).tasks
        let filters: [(TaskFilter, (TaskRecord) -> Bool)] = [
            (TaskFilter(states: ["FAILURE", "STARTED"]), { ["FAILURE", "STARTED"].contains($0.state) }),
            (TaskFilter(name: "task.1"), { $0.name == "task.1" }),
            (TaskFilter(name: "task.*"), { $0.name?.hasPrefix("task.") == true }),
            (TaskFilter(worker: "*@2"), { $0.worker == "celery@2" }),
            (TaskFilter(queue: "mail"), { $0.queue == "mail" }),
            (TaskFilter(id: "id-1"), { $0.id.hasPrefix("id-1") }),
            (
                TaskFilter(from: Fixture.now - 20, to: Fixture.now - 10),
                {
                    let time = $0.received ?? $0.sent ?? $0.timestamp
                    return time >= Fixture.now - 20 && time < Fixture.now - 10
                }
            ),
            (TaskFilter(minimalRuntime: 3), { $0.runtime ?? 0 >= 3 }),
            (TaskFilter(text: "don"), { $0.result == "'done'" }),
            (
                TaskFilter(states: ["SUCCESS"], name: "task.0", text: "done"),
                {
                    $0.state == "SUCCESS" && $0.name == "task.0" && $0.result == "'done'"
                }
            ),
            (TaskFilter(states: ["NONE"]), { _ in false }),
            (TaskFilter(name: "nobody*"), { _ in false }),
        ]
        for (filter, matches) in filters {
            var filter = filter
            filter.order = order
            let page = try await history.tasks(filter, after: nil, limit: 1000)
            let expected = Set(all.filter(matches).map(\.id))
            // As among millions, where no condition is met by few.
            let many = try await history.database.read { [filter] db in
                let query = try TaskSelect(filter, db, few: filter.text == nil ? 0 : 150)
                return try query.rows(after: nil, limit: 1000).map(\.record)
            }
            #expect(many == page.tasks, "\(filter)")
            #expect(Set(page.tasks.map(\.id)) == expected, "\(filter)")
            #expect(page.total == expected.count)
        }
    }

    /// Among millions every page must come along an index: nothing else is ever gone through, and nothing but the few
    /// tasks of each state is sorted.
    @Test(arguments: TaskFilter.Order.allCases)
    func pagesComeAlongIndexes(order: TaskFilter.Order) async throws {
        let history = try await Self.filled()
        let filters = [
            TaskFilter(), TaskFilter(states: ["SUCCESS"]), TaskFilter(name: "task.1"), TaskFilter(worker: "celery@1"),
            TaskFilter(from: 0, to: Fixture.now), TaskFilter(minimalRuntime: 1),
        ]
        for filter in filters {
            var filter = filter
            filter.order = order
            let plan = try await history.database.read { [filter] db in
                let first = try TaskSelect(filter, db, few: 0).rows(after: nil, limit: 3)
                let place = try #require(first.last.map { TaskPlace($0, order) })
                let (sql, arguments) = try TaskSelect(filter, db, few: 0).numbers(after: place, limit: 50)
                return try Row.fetchAll(
                    db,
                    sql: "EXPLAIN QUERY PLAN \(sql)",
                    arguments: StatementArguments(arguments)
                ).map { $0["detail"] as String }
            }
            for step in plan where step.contains("tasks") { #expect(step.contains("INDEX"), "\(filter): \(plan)") }
            let sorts = plan.filter { $0.contains("B-TREE FOR ORDER BY") }
            #expect(sorts.count <= 1, "\(filter): \(plan)")
        }
    }

    @Test func aPlaceThatIsNoneIsRefused() async throws {
        let history = try await Self.filled()
        for text in ["", "x", "e30", "\u{0}", String(repeating: "A", count: 9999)] {
            await #expect(throws: PageError.self) { try await history.tasks(TaskFilter(), after: text, limit: 5) }
        }
    }
}
