/// All tasks of the history, searched by an address that can be kept.
struct TasksPage: Page {
    struct Model: Sendable {
        var chips: [Chip]
        var search: [String: String]
        var hidden: [Pair]
        var spans: [Choice]
        var names: [String]
        var columnChoices: [Choice]
        var columns: [WorkersPage.Column]
        var rows: [Row]
        var summary: String
        var newerQuery: String?
        var olderQuery: String?
        var canOperate: Bool
        var isEmpty: Bool
        var isSearch: Bool
        var isFurther: Bool
        var bulkQuery: String
        var bulkCount: String
        var mostAtOnce: String
        var hasDetails: Bool
    }

    struct Chip: Sendable {
        var chipText: String
        var chipClass: String
        var chipCount: String?
        var chipQuery: String
        var isCurrent: Bool
    }

    struct Choice: Sendable {
        var choiceKey: String
        var choiceText: String
        var isChosen: Bool
    }

    struct Pair: Sendable {
        var pairKey: String
        var pairValue: String
    }

    struct Row: Sendable {
        var id: String
        var path: String
        var cells: [Cell]
    }

    struct Cell: Sendable {
        var cellClass: String
        var cellLabel: String
        var cellText: String
        var cellTitle: String?
        var cellPath: String?
        var stateClass: String?
        var iso: String?
    }

    static let path = "/tasks"
    static let template = "tasks"
    static let section: Section? = .tasks

    static let perPage = 50

    private let query: TaskQuery
    private let canOperate: Bool

    init(_ request: PageRequest) throws(PageError) {
        query = TaskQuery(request)
        canOperate = !request.isReadOnly
        _ = try query.filter(now: Format.now)
    }

    var topics: Set<Topic> { [.tasks, .every(seconds: 15)] }

    func title(_ model: Model) -> String { "Tasks" }

    func model(_ monitor: Monitor) async throws -> Model {
        let now = Format.now
        let filter = try query.filter(now: now)
        let page = try await monitor.history.tasks(filter, after: query.trail.last, limit: Self.perPage)
        let names = try await monitor.history.taskNames()
        let details = ["queue", "tenant", "root", "from", "to", "runtime", "id"].contains { query.fields[$0] != nil }
        return Model(
            chips: try await chips(monitor, filter),
            search: query.fields,
            hidden: hidden,
            spans: TaskQuery.spans.map {
                Choice(choiceKey: $0.key, choiceText: $0.text, isChosen: query.fields["since"] == $0.key)
            },
            names: Array(names.prefix(500)),
            columnChoices: TaskQuery.Column.allCases.map {
                Choice(choiceKey: $0.rawValue, choiceText: $0.title, isChosen: query.columns.contains($0))
            },
            columns: columns,
            rows: page.tasks.map { row($0, now) },
            summary: summary(page),
            newerQuery: query.trail.isEmpty ? nil : query.link(trail: query.trail.dropLast()),
            olderQuery: page.next.map { query.link(trail: query.trail + [$0]) },
            canOperate: canOperate,
            isEmpty: page.tasks.isEmpty,
            isSearch: query.isSearch,
            isFurther: !query.trail.isEmpty,
            bulkQuery: String(Format.query(query.pairs()).dropFirst()),
            bulkCount: page.total.map { Format.number($0, "task") } ?? "all tasks that match",
            mostAtOnce: Format.count(BulkTasks.most),
            hasDetails: details
        )
    }

    private func summary(_ page: TaskPage) -> String {
        let total = page.total.map { Format.number($0, "task") } ?? "More tasks than are counted"
        let number = query.trail.count + 1
        return page.next == nil && number == 1 ? total : "\(total) · page \(Format.count(number))"
    }

    /// What the search form must carry beside its own fields.
    private var hidden: [Pair] {
        let own: Set = ["state", "cols", "order", "dir"]
        return query.pairs().filter { own.contains($0.key) }.map { Pair(pairKey: $0.key, pairValue: $0.value) }
    }

    private func chips(_ monitor: Monitor, _ filter: TaskFilter) async throws -> [Chip] {
        var chips = [
            Chip(
                chipText: "All",
                chipClass: "",
                chipQuery: query.link(states: []),
                isCurrent: query.states.isEmpty
            )
        ]
        for state in TaskQuery.states {
            var one = filter
            one.states = [state]
            let total = try await monitor.history.tasks(one, after: nil, limit: 1).total
            let isCurrent = query.states.contains(state)
            if total == 0, !isCurrent, state == "REJECTED" { continue }
            chips.append(
                Chip(
                    chipText: state,
                    chipClass: Format.stateClass(state),
                    chipCount: total.map(Format.count),
                    chipQuery: query.link(states: isCurrent ? query.states.filter { $0 != state } : [state]),
                    isCurrent: isCurrent
                )
            )
        }
        return chips
    }

    private var columns: [WorkersPage.Column] {
        query.columns.map { column in
            let isCurrent = column.order == query.order
            return WorkersPage.Column(
                columnTitle: column.title,
                columnQuery: column.order.map { query.sorted(by: $0) } ?? "",
                columnOrder: isCurrent ? (query.isDescending ? "descending" : "ascending") : nil,
                columnClass: column.isNumber ? "num" : ""
            )
        }
    }

    private func row(_ task: TaskRecord, _ now: Double) -> Row {
        let line = TaskLine(task, now: now)
        return Row(id: task.id, path: line.path, cells: query.columns.map { cell($0, line) })
    }

    private func cell(_ column: TaskQuery.Column, _ line: TaskLine) -> Cell {
        func cell(_ style: String, _ text: String?, title: String? = nil, path: String? = nil) -> Cell {
            Cell(
                cellClass: style,
                cellLabel: column.title,
                cellText: text ?? "",
                cellTitle: title,
                cellPath: text == nil ? nil : path
            )
        }
        func moment(_ time: FormattedTime?) -> Cell {
            var one = cell("nowrap", time?.precise, title: time?.full)
            one.iso = time?.iso
            return one
        }
        switch column {
        case .name: return cell("name", line.taskName, path: line.path)
        case .id: return cell("mono nowrap", line.shortID, title: line.id, path: line.path)
        case .state:
            var one = cell("", line.state)
            one.stateClass = line.stateClass
            return one
        case .received: return moment(line.received ?? line.sent)
        case .started: return moment(line.started)
        case .ended: return moment(line.ended)
        case .runtime: return cell("num", line.runtime)
        case .waited: return cell("num", line.waited)
        case .worker: return cell("break", line.worker, path: line.workerPath)
        case .queue: return cell("break", line.queue, path: line.queue.map { "/queues/\(Format.path($0))" })
        case .tenant: return cell("break", line.tenant)
        case .args: return cell("wide mono", line.args)
        case .kwargs: return cell("wide mono", line.kwargs)
        case .result: return cell("wide mono", line.result)
        case .exception: return cell("wide mono", line.exception)
        case .retries: return cell("num", Format.count(line.retries))
        case .client: return cell("break", line.client)
        case .root:
            return cell(
                "mono",
                line.rootID.map { Format.short($0, 9) },
                path: line.rootID.map { "/workflows/\(Format.path($0))" }
            )
        case .parent:
            return cell(
                "mono",
                line.parentID.map { Format.short($0, 9) },
                path: line.parentID.map { "/tasks/\(Format.path($0))" }
            )
        case .eta: return cell("nowrap", line.eta.map { Format.short($0, 40) })
        case .routingKey: return cell("break", line.routingKey)
        }
    }
}
