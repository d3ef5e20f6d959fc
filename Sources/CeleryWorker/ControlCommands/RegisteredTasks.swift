import CeleryProtocol
import OrderedCollections

/// `registered`: the tasks that this worker can run, with some of their options.
struct RegisteredTasks: ControlCommand {
    static let names = ["registered", "dump_tasks"]

    private static let defaultItems = ["exchange", "routing_key", "rate_limit"]

    /// Names of the options to show.
    var taskinfoitems: CeleryValue?
    /// Whether to list Celery's own tasks too.
    var builtins: CeleryValue?

    func run(on core: WorkerCore) -> CeleryValue? {
        let asked = taskinfoitems?.asList ?? []
        let items = (asked.isEmpty ? Self.defaultItems : asked.compactMap(\.stringValue)).filter { !$0.hasPrefix("_") }
        let tasks = core.celery.registry.all.filter { builtins?.isTrue == true || !$0.name.hasPrefix("celery.") }
        return .array(
            tasks.sorted { $0.name < $1.name }.map { task in
                let attributes = core.attributes(of: task)
                let shown = items.unique.compactMap { item in
                    attributes[item].flatMap { $0.isNull ? nil : "\(item)=\(PythonRepr.str($0))" }
                }
                return .string(shown.isEmpty ? task.name : "\(task.name) [\(shown.joined(separator: " "))]")
            }
        )
    }
}

extension WorkerCore {
    /// A task's options by the names that they have in Python (`celery/app/task.py`).
    fileprivate func attributes(of task: RegisteredTask) -> CeleryMap {
        let catalogue = configuration.catalogue
        let queue = catalogue.queue(forTask: task.name)
        let rules =
            overrides.applied(
                to: KnownTask(
                    task: task,
                    rules: TaskRules(
                        queue: queue,
                        task: task.options,
                        settings: catalogue.settings(forTask: task.name)
                    )
                )
            )?.rules ?? TaskRules(queue: queue)
        return [
            "name": .string(task.name),
            "rate_limit": controls.rateLimit(self, task.name).map { .string($0.description) } ?? .null,
            "soft_time_limit": rules.softTimeLimit.map { .string($0.secondsText) } ?? .null,
            "time_limit": rules.hardTimeLimit.map { .string($0.secondsText) } ?? .null,
            "max_retries": rules.retry.maxRetries.map { .int($0) } ?? .null,
            "ignore_result": .bool(rules.ignoreResult),
            "acks_late": .bool(rules.delivery == .atLeastOnce),
            "queue": task.options.queue.map { .string($0) } ?? .null,
            "track_started": .bool(configuration.worker.trackStarted),
            "serializer": "json",
        ]
    }
}
