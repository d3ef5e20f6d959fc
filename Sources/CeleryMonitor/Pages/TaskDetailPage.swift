import CeleryProtocol
import CeleryWorker
import OrderedCollections

/// One task: where its time went, what it was given and gave, its family, and what can be done about it.
struct TaskDetailPage: Page {
    struct Model: Sendable {
        var line: TaskLine
        var notes: [Note]
        var spans: TaskSpans
        var moments: [MomentLine]
        var attempts: [AttemptLine]
        var hasAttempts: Bool
        var facts: FactGroup
        var family: [FamilyLine]
        var workflowPath: String?
        var texts: [TextBlock]
        var stored: StoredResult
        var whereabouts: WhereaboutsModel?
        var canOperate: Bool
        var isEnded: Bool
        var isRunning: Bool
        var retry: RetryPreview?
        var retryRefusal: String?
    }

    struct Note: Sendable {
        var noteKind: String
        var noteText: String
    }

    struct TextBlock: Sendable {
        var blockTitle: String
        var blockText: String
    }

    struct FamilyLine: Sendable {
        var relation: String
        var task: TaskLine?
        var familyID: String
        var familyPath: String
    }

    struct RetryPreview: Sendable {
        var previewName: String
        var previewQueue: String
        var previewArguments: String
        var previewKeywords: String
        var previewOrigin: String
    }

    static let path = "/tasks/:id"
    static let template = "task"
    static let section: Section? = .tasks

    /// Tasks of its workflow that are looked at for children.
    private static let mostRelatives = 500
    private static let mostChildren = 50

    private let id: String
    private let canOperate: Bool

    init(_ request: PageRequest) throws(PageError) {
        id = try request.parameter("id")
        canOperate = !request.isReadOnly
    }

    var topics: Set<Topic> { [.tasks, .every(seconds: 5)] }

    func title(_ model: Model) -> String { "\(model.line.taskName) \(model.line.shortID)" }

    func model(_ monitor: Monitor) async throws -> Model {
        let now = Format.now
        guard let task = try await monitor.history.task(id) else { throw await missing(monitor) }
        let redaction = Redaction(monitor.settings.redactedFields)
        let moments = try await monitor.history.moments(id)
        let (meta, problem) = await stored(monitor)
        let stored = StoredResult(task, meta, problem, redaction)
        let isStarted = task.started != nil || task.isEnded
        let repetition: Result<TaskRepetition, PageError> = Result { () throws(PageError) in
            try TaskRepetition(task, stored: meta)
        }
        return Model(
            line: TaskLine(task, now: now),
            notes: stored.notes + Self.notes(task, monitor, now),
            spans: TaskSpans(task, now: now),
            moments: MomentLine.all(task, moments),
            attempts: AttemptLine.all(moments),
            hasAttempts: moments.count { $0.type == "task-started" } > 1 || task.retries > 0,
            facts: Self.facts(task, now),
            family: try await family(task, monitor, now),
            workflowPath: task.rootID.flatMap {
                $0 == id && task.parentID == nil ? nil : "/workflows/\(Format.path($0))"
            },
            texts: Self.texts(task),
            stored: stored,
            whereabouts: isStarted ? nil : WhereaboutsModel(await CeleryMonitor.whereabouts(of: id, monitor)),
            canOperate: canOperate,
            isEnded: task.isEnded,
            isRunning: task.state == "STARTED",
            retry: (try? repetition.get()).map { Self.preview($0, redaction) },
            retryRefusal: Self.refusal(repetition)
        )
    }

    /// A task that no event has told of may still have a result, or wait in a queue.
    private func missing(_ monitor: Monitor) async -> PageError {
        let place = await CeleryMonitor.whereabouts(of: id, monitor)
        return .notFound("No event has told of the task \(Format.short(id, 100)). \(WhereaboutsModel(place).whereText)")
    }

    private func stored(_ monitor: Monitor) async -> (ResultMeta?, String?) {
        do {
            return (try await monitor.storedResult(id), nil)
        } catch let error as MonitorError {
            return (nil, "\(error)")
        } catch {
            return (nil, "The result store could not be asked: \(error)")
        }
    }

    private func family(_ task: TaskRecord, _ monitor: Monitor, _ now: Double) async throws -> [FamilyLine] {
        let relatives = try await monitor.history.workflow(task.rootID ?? id, limit: Self.mostRelatives)
        let known = Dictionary(relatives.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        func line(_ relation: String, _ id: String) -> FamilyLine {
            FamilyLine(
                relation: relation,
                task: known[id].map { TaskLine($0, now: now) },
                familyID: id,
                familyPath: "/tasks/\(Format.path(id))"
            )
        }
        var lines: [FamilyLine] = []
        if let root = task.rootID, root != id { lines.append(line("root", root)) }
        if let parent = task.parentID, parent != task.rootID { lines.append(line("parent", parent)) }
        let children = relatives.filter { $0.parentID == id && $0.id != id }
        return lines + children.prefix(Self.mostChildren).map { line("child", $0.id) }
    }

    private static func notes(_ task: TaskRecord, _ monitor: Monitor, _ now: Double) -> [Note] {
        if task.isOrphaned {
            return [
                Note(
                    noteKind: "warning",
                    noteText:
                        "\(task.worker ?? "Its worker") is gone or does not know it any more, so no event will tell how it "
                        + "ended. Its message came back to the queue, or its result is stored already."
                )
            ]
        }
        guard !task.isEnded, task.started != nil, let name = task.worker else { return [] }
        guard let worker = monitor.fleet.worker(name) else { return [] }
        guard !worker.isAlive else { return [] }
        let heard = Format.ago(now - worker.lastHeard)
        return [
            Note(
                noteKind: "warning",
                noteText:
                    "\(name), which began it, was last heard \(heard): it may be lost, and its message comes back "
                    + "to the queue when the broker notices."
            )
        ]
    }

    /// What events say of something that is not there.
    private static let unsaid: Set = ["Keyword arguments {}", "Exception None", "Traceback None"]

    private static func texts(_ task: TaskRecord) -> [TextBlock] {
        [
            ("Arguments", task.args), ("Keyword arguments", task.kwargs), ("Result", task.result),
            ("Exception", task.exception), ("Traceback", task.traceback),
        ].compactMap { title, text in
            guard let text, !text.isEmpty, !unsaid.contains("\(title) \(text)") else { return nil }
            return TextBlock(blockTitle: title, blockText: text)
        }
    }

    private static func facts(_ task: TaskRecord, _ now: Double) -> FactGroup {
        FactGroup(
            "Facts",
            [
                ("Queue", task.queue),
                ("Exchange", task.exchange.map { $0.isEmpty ? "(default)" : $0 }),
                ("Routing key", task.routingKey), ("Tenant", task.tenant), ("Sent by", task.client),
                ("Retries", Format.count(task.retries)), ("ETA", moment(task.eta, now)),
                ("Expires", moment(task.expires, now)),
                ("Run time", Format.duration(task.runtime)),
                ("Clock", task.clock == 0 ? nil : Format.count(task.clock)),
                ("Newest event", Format.time(task.timestamp, now: now).full),
            ]
        )
    }

    /// As Celery writes it, in ISO 8601; as it is when it is something else.
    private static func moment(_ text: String?, _ now: Double) -> String? {
        text.map { text in
            Timestamp(iso: text).map { Format.time($0.secondsSince1970, now: now).precise } ?? Format.short(text, 60)
        }
    }

    private static func refusal(_ repetition: Result<TaskRepetition, PageError>) -> String? {
        guard case .failure(.badRequest(let text)) = repetition else { return nil }
        return text
    }

    private static func preview(_ repetition: TaskRepetition, _ redaction: Redaction) -> RetryPreview {
        let shown = redaction.value(.map(repetition.kwargs)).mapValue ?? [:]
        return RetryPreview(
            previewName: repetition.name,
            previewQueue: repetition.queue ?? "as the routes say",
            previewArguments: PythonRepr.arguments(repetition.args.map { redaction.value($0) }, maxLength: 2000),
            previewKeywords: PythonRepr.keywords(shown, maxLength: 2000),
            previewOrigin: repetition.origin
        )
    }
}
