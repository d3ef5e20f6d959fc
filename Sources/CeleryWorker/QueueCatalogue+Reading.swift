extension QueueCatalogue {
    /// Reads `defaults`, `queues` and `tasks` from the root of the settings.
    init(reading root: SettingsReader, worker: WorkerSettings) {
        let defaults = QueueDefaults(
            reading: root.section(ConfigKeys.Root.defaults, known: ConfigKeys.Queue.defaults),
            worker: worker
        )
        let section = root.section(ConfigKeys.Root.queues, known: nil)
        let queues = section.names.map { name in
            let reader = section.section(named: name, known: ConfigKeys.Queue.perQueue)
            if let objection = QueueNames.objection(to: name) {
                root.context.problem(objection, key: reader.path, line: reader.line)
            }
            return QueueSettings(name: name, reading: reader, defaults: defaults, worker: worker)
        }
        if root.has(ConfigKeys.Root.queues), queues.isEmpty {
            root.problem(
                "must name at least one queue; leave it out for Celery's default queue",
                ConfigKeys.Root.queues
            )
        }
        Self.checkDeadLetterNames(queues, section)
        Self.checkRoutes(queues, section)
        let partitions = PartitionSettings(reading: root, defaults: defaults, worker: worker)
        partitions?.check(against: queues, root: root)
        let names = queues.map(\.name) + [defaults.queue.name] + [partitions?.exchange].compactMap { $0 }
        let tasks = Self.tasks(root, queues: names)
        self.init(queues: queues, tasks: tasks, defaultQueue: defaults.queue, partitions: partitions)
    }

    private static func tasks(_ root: SettingsReader, queues: [String]) -> [TaskSettings] {
        let section = root.section(ConfigKeys.Root.tasks, known: nil)
        return section.names.map { name in
            let reader = section.section(named: name, known: ConfigKeys.Task.all)
            let task = TaskSettings(name, reading: reader)
            if let queue = task.queue, !queues.contains(queue), let value = reader.value(ConfigKeys.Task.queue) {
                let hint = Suggestion.text(for: queue, among: queues)
                reader.problem("unknown queue \"\(queue)\"; \(hint)", ConfigKeys.Task.queue, at: value)
            }
            return task
        }
    }

    private static func checkDeadLetterNames(_ queues: [QueueSettings], _ section: SettingsReader) {
        let names = Set(queues.map(\.name))
        for queue in queues where queue.deadLetter && names.contains(queue.deadLetterQueue) {
            let name = queue.deadLetterQueue
            section.context.problem(
                "this is the dead-letter queue of \(queue.name), which needs no entry; choose another name",
                key: SettingsReader.join(section.path, name),
                line: section.line(of: name)
            )
        }
    }

    /// Two queues must not claim one route, and every route must be reachable.
    private static func checkRoutes(_ queues: [QueueSettings], _ section: SettingsReader) {
        var seen: [(pattern: GlobPattern, queue: String)] = []
        for queue in queues {
            let key = SettingsReader.join(SettingsReader.join(section.path, queue.name), ConfigKeys.Queue.routes.name)
            let reader = section.section(named: queue.name, known: nil)
            let line = reader.line(of: ConfigKeys.Queue.routes.name)
            for pattern in queue.routes {
                if pattern.text.isEmpty {
                    section.context.problem("a route must not be empty", key: key, line: line)
                } else if let same = seen.first(where: { $0.pattern == pattern }) {
                    let message =
                        same.queue == queue.name
                        ? "route \"\(pattern)\" stands here twice"
                        : "route \"\(pattern)\" belongs to queue \(same.queue) already; a task can go to one queue only"
                    section.context.problem(message, key: key, line: line)
                } else if !pattern.isExact,
                    let wider = seen.first(where: { !$0.pattern.isExact && $0.pattern.covers(pattern) }),
                    wider.queue != queue.name
                {
                    section.context.problem(
                        "route \"\(pattern)\" is never reached, because \"\(wider.pattern)\" of queue "
                            + "\(wider.queue) matches first; "
                            + "put \(queue.name) above \(wider.queue)",
                        key: key,
                        line: line
                    )
                }
                seen.append((pattern, queue.name))
            }
        }
    }
}
