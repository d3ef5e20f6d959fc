import CeleryProtocol
import CeleryWorker

/// A chain, group or chord as a graph of its tasks.
struct WorkflowPage: Page {
    struct Model: Sendable {
        var rootID: String
        var rootName: String
        var workflowState: String
        var workflowClass: String
        var figures: [Figure]
        var drawing: String?
        var drawingProblem: String?
        var notes: [String]
        var tasks: [Line]
        var isCut: Bool
    }

    /// A task in the list for readers.
    struct Line: Sendable {
        var task: TaskLine
        var parentName: String?
        var parentPath: String?
    }

    static let path = "/workflows/:root"
    static let template = "workflow"
    static let section: Section? = .workflows

    private static let mostTasks = 2000
    private static let mostListed = 200
    /// Results that are asked for a task's group.
    private static let mostAsked = 100

    private let root: String

    init(_ request: PageRequest) throws(PageError) { root = try request.parameter("root") }

    var topics: Set<Topic> { [.tasks, .every(seconds: 10)] }

    func title(_ model: Model) -> String { "Workflow \(model.rootName)" }

    func model(_ monitor: Monitor) async throws -> Model {
        let now = Format.now
        let tasks = try await monitor.history.workflow(root, limit: Self.mostTasks)
        guard let first = tasks.first(where: { $0.id == root }) ?? tasks.first else {
            throw PageError.notFound("No event has told of a workflow with the root \(Format.short(root, 100)).")
        }
        let (groups, problem) = await groups(tasks, monitor)
        let graph = WorkflowGraph(tasks, groups: groups)
        let (drawing, drawingProblem) = await draw(graph, monitor.settings.urlPrefix)
        let states = tasks.reduce(into: [:]) { $0[$1.state, default: 0] += 1 }
        let names = Dictionary(tasks.map { ($0.id, $0.name) }, uniquingKeysWith: { $1 })
        let (state, style) = WorkflowsPage.whole(states)
        return Model(
            rootID: root,
            rootName: first.name ?? "unknown task",
            workflowState: state,
            workflowClass: style,
            figures: figures(tasks, states, now),
            drawing: drawing,
            drawingProblem: drawingProblem,
            notes: notes(graph, groups, problem),
            tasks: tasks.prefix(Self.mostListed).map { task in
                Line(
                    task: TaskLine(task, now: now),
                    parentName: task.parentID.map { names[$0].flatMap { $0 } ?? Format.short($0, 9) },
                    parentPath: task.parentID.map { "/tasks/\(Format.path($0))" }
                )
            },
            isCut: tasks.count > Self.mostListed
        )
    }

    /// The groups that the result store names, by task.
    private func groups(_ tasks: [TaskRecord], _ monitor: Monitor) async -> ([String: String], String?) {
        var groups: [String: String] = [:]
        for task in tasks.prefix(Self.mostAsked) where task.isEnded {
            do {
                if let group = try await monitor.celery.result(task.id).meta()?.groupID { groups[task.id] = group }
            } catch {
                return (groups, "The result store could not be asked for groups: \(error)")
            }
        }
        return (groups, nil)
    }

    private func draw(_ graph: WorkflowGraph, _ prefix: String) async -> (String?, String?) {
        do {
            let text = graph.dot(width: GraphDrawing.nodeWidth, height: GraphDrawing.nodeHeight)
            let layout = try await Graphviz.shared.layout(text)
            return (GraphDrawing(graph: graph, layout: layout, prefix: prefix).svg, nil)
        } catch PageError.unavailable(let text) {
            return (nil, text)
        } catch {
            return (nil, "The graph can't be drawn: \(error)")
        }
    }

    private func figures(_ tasks: [TaskRecord], _ states: [String: Int], _ now: Double) -> [Figure] {
        let begin = tasks.compactMap { $0.sent ?? $0.received ?? $0.started }.min()
        let isOver = tasks.allSatisfy(\.isEnded)
        let end = isOver ? tasks.compactMap(\.ended).max() : now
        let ended = tasks.count(where: \.isEnded)
        let failed = states["FAILURE"] ?? 0
        return [
            Figure("Tasks seen", Format.count(tasks.count), under: "\(Format.count(ended)) ended"),
            Figure("Succeeded", Format.count(states["SUCCESS"] ?? 0)),
            Figure("Failed", Format.count(failed), kind: failed > 0 ? "critical" : ""),
            Figure(
                isOver ? "Took" : "Runs for",
                begin.flatMap { begin in end.map { Format.duration(max(0, $0 - begin)) } } ?? "–",
                under: begin.map { "since \(Format.time($0, now: now).text)" } ?? ""
            ),
            Figure("Work", Format.duration(tasks.compactMap(\.runtime).reduce(0, +)), under: "of all runs together"),
        ]
    }

    private func notes(_ graph: WorkflowGraph, _ groups: [String: String], _ problem: String?) -> [String] {
        var notes: [String] = []
        if let problem { notes.append(problem) }
        if graph.orphans > 0 {
            notes.append(
                "The parents of \(Format.number(graph.orphans, "task")) are not in the history: no edge is drawn for them."
            )
        }
        if graph.omitted > 0 {
            notes.append(
                "\(Format.number(graph.omitted, "task")) more are not drawn; the graph holds \(WorkflowGraph.mostNodes) nodes at most."
            )
        }
        if !groups.isEmpty {
            notes.append(
                "Groups are those that the result store names. The body of a chord hangs on the member that ended last, since no event tells of chords."
            )
        }
        return notes
    }
}
