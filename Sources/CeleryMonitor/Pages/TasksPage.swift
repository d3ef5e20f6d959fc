import Mustache

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

    struct Row: Sendable, MustacheParent {
        var id: String
        var cells: [Cell]

        func child(named name: String) -> Any? {
            switch name {
            case "id": id
            case "cells": cells
            default: nil
            }
        }
    }

    /// Made whole here, and found without reflection: a page has hundreds of them, again with every change.
    struct Cell: Sendable, MustacheParent {
        var cellClass: String
        var cellLabel: String
        /// Escaped already.
        var cellHTML: String

        func child(named name: String) -> Any? {
            switch name {
            case "cellClass": cellClass
            case "cellLabel": cellLabel
            case "cellHTML": cellHTML
            default: nil
            }
        }
    }

    static let path = "/tasks"
    static let template = "tasks"
    static let section: Section? = .tasks

    static let perPage = 50

    private let query: TaskSearch
    private let canOperate: Bool

    init(_ request: PageRequest) throws(PageError) {
        query = TaskSearch(request)
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
            spans: TaskSearch.spans.map {
                Choice(choiceKey: $0.key, choiceText: $0.text, isChosen: query.fields["since"] == $0.key)
            },
            names: Array(names.prefix(500)),
            columnChoices: TaskSearch.Column.allCases.map {
                Choice(choiceKey: $0.rawValue, choiceText: $0.title, isChosen: query.columns.contains($0))
            },
            columns: columns,
            rows: page.tasks.map { row($0, monitor.settings.urlPrefix, now) },
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
        for state in TaskSearch.states {
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

    private func row(_ task: TaskRecord, _ prefix: String, _ now: Double) -> Row {
        let line = TaskLine(task, now: now)
        return Row(id: task.id, cells: query.columns.map { cell($0, line, prefix) })
    }

    private func cell(_ column: TaskSearch.Column, _ line: TaskLine, _ prefix: String) -> Cell {
        func cell(_ style: String, _ html: String?) -> Cell {
            Cell(cellClass: style, cellLabel: column.title, cellHTML: html ?? "")
        }
        func text(_ style: String, _ text: String?) -> Cell { cell(style, text.map(Sparkline.escape)) }
        func link(_ style: String, _ text: String?, _ path: String?) -> Cell {
            guard let text, let path else { return cell(style, nil) }
            return cell(style, "<a href=\"\(Sparkline.escape(prefix + path))\">\(Sparkline.escape(text))</a>")
        }
        func moment(_ time: FormattedTime?) -> Cell {
            cell("nowrap", time.map { "<time datetime=\"\($0.iso)\" title=\"\($0.full)\">\($0.precise)</time>" })
        }
        switch column {
        case .name: return link("name", line.taskName, line.path)
        case .id: return link("mono nowrap", line.shortID, line.path)
        case .state:
            let lost = line.isLost ? " <span class=\"tag\">lost sight of</span>" : ""
            return cell("", "<span class=\"state \(line.stateClass)\">\(Sparkline.escape(line.state))</span>\(lost)")
        case .received: return moment(line.received ?? line.sent)
        case .started: return moment(line.started)
        case .ended: return moment(line.ended)
        case .runtime: return text("num", line.runtime)
        case .waited: return text("num", line.waited)
        case .worker: return link("break", line.worker, line.workerPath)
        case .queue: return link("break", line.queue, line.queue.map { "/queues/\(Format.path($0))" })
        case .tenant: return text("break", line.tenant)
        case .args: return text("wide mono", line.args)
        case .kwargs: return text("wide mono", line.kwargs)
        case .result: return text("wide mono", line.result)
        case .exception: return text("wide mono", line.exception)
        case .retries: return text("num", Format.count(line.retries))
        case .client: return text("break", line.client)
        case .root: return relative(line.rootID, "/workflows/")
        case .parent: return relative(line.parentID, "/tasks/")
        case .eta: return text("nowrap", line.eta.map { Format.short($0, 40) })
        case .routingKey: return text("break", line.routingKey)
        }
        func relative(_ id: String?, _ folder: String) -> Cell {
            link("mono", id.map { Format.short($0, 9) }, id.map { folder + Format.path($0) })
        }
    }
}
