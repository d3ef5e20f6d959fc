/// The queues and the task options of queues.yaml, and the answer to the question where a task goes.
public struct QueueCatalogue: Sendable {
    /// In the order of the file; never empty.
    public let queues: [QueueSettings]
    /// In the order of the file.
    public let tasks: [TaskSettings]
    /// Where tasks go that no route names (Celery's task_default_queue); it need not be one of ``queues``.
    public let defaultQueue: QueueSettings
    /// The partitioned exchange; nil when there is none. Its queues are not among ``queues``.
    public let partitions: PartitionSettings?
    private let queueIndex: [String: Int]
    private let exactRoutes: [String: Int]
    private let patternRoutes: [(pattern: GlobPattern, queue: Int)]
    private let exactTasks: [String: Int]

    /// The first of two queues with one name, or of two equal routes, wins. A default queue that is one of `queues`
    /// takes its settings.
    public init(
        queues: [QueueSettings],
        tasks: [TaskSettings] = [],
        defaultQueue: QueueSettings? = nil,
        partitions: PartitionSettings? = nil
    ) {
        self.partitions = partitions
        let fallback = defaultQueue ?? QueueSettings(name: "celery")
        let queues = queues.isEmpty ? [fallback] : queues
        self.queues = queues
        self.tasks = tasks
        self.defaultQueue = queues.first { $0.name == fallback.name } ?? fallback
        let first = { (a: Int, _: Int) in a }
        queueIndex = Dictionary(queues.enumerated().map { ($1.name, $0) }, uniquingKeysWith: first)
        let routes = queues.enumerated().flatMap { index, queue in queue.routes.map { (pattern: $0, queue: index) } }
        exactRoutes = Dictionary(
            routes.filter(\.pattern.isExact).map { ($0.pattern.text, $0.queue) },
            uniquingKeysWith: first
        )
        patternRoutes = routes.filter { !$0.pattern.isExact }
        exactTasks = Dictionary(
            tasks.enumerated().filter(\.element.pattern.isExact).map { ($1.pattern.text, $0) },
            uniquingKeysWith: first
        )
    }

    /// What a worker without queues.yaml consumes: Celery's queue `celery`, exchange `celery` (direct), key `celery`.
    public static var celeryDefault: QueueCatalogue { QueueCatalogue(queues: [QueueSettings(name: "celery")]) }

    /// The queue of that name, also one that is a partition; nil when the settings have none.
    public subscript(name: String) -> QueueSettings? {
        if let index = queueIndex[name] { return queues[index] }
        guard let partitions, let number = partitions.partition(named: name) else { return nil }
        return partitions.queue(number)
    }

    /// The queue a task is sent to: its own `queue` in ``tasks``, else the route that is its very name, else the first
    /// pattern of the file that matches (`celery/app/routes.py` MapRoute), else ``defaultQueue``.
    public func queue(forTask name: String) -> QueueSettings {
        if let chosen = settings(forTask: name)?.queue {
            return self[chosen] ?? queue(named: chosen)
        }
        return route(forTask: name) ?? defaultQueue
    }

    /// The queue that a route names, or nil.
    public func route(forTask name: String) -> QueueSettings? {
        let index = exactRoutes[name] ?? patternRoutes.first { $0.pattern.matches(name) }?.queue
        return index.map { queues[$0] }
    }

    /// Whether a queue's route is the very name of the task.
    func hasExactRoute(_ task: String) -> Bool { exactRoutes[task] != nil }

    /// The options of the task: those under its very name, else those of the first pattern that matches.
    public func settings(forTask name: String) -> TaskSettings? {
        if let index = exactTasks[name] { return tasks[index] }
        return tasks.first { !$0.pattern.isExact && $0.pattern.matches(name) }
    }

    /// The queue of that name, or one as Celery makes for a name it does not know: exchange, queue and key named alike,
    /// with the defaults of the file.
    public func queue(named name: String) -> QueueSettings {
        if let known = self[name] { return known }
        var queue = defaultQueue
        queue.name = name
        queue.routingKey = name
        queue.routes = []
        return queue
    }
}
