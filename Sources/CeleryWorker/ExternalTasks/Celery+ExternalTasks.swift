import CeleryProtocol

extension Celery {
    /// Registers the tasks that queues.yaml binds to commands and HTTP endpoints; they win over Swift tasks of the same
    /// names.
    func registerExternalTasks() {
        for task in configuration.catalogue.tasks {
            guard let external = task.external else { continue }
            let name = task.pattern.text
            let body: RegisteredTask.Body =
                switch external.kind {
                case .command(let words, let environment, let directory):
                    CommandTask(
                        words: words,
                        environment: environment,
                        directory: directory,
                        maxOutput: external.maxOutput
                    ).run
                case .http(let endpoint): HTTPTask(endpoint: endpoint, maxOutput: external.maxOutput).run
                }
            registry.register(RegisteredTask(name: name, options: TaskOptions(), body: body))
        }
    }
}

extension TaskContext {
    /// What a task that is not Swift is given: `{"id", "task", "args", "kwargs", "retries"}`.
    func externalRequest() throws -> [UInt8] {
        let values = try arguments.values(limits: core.limits)
        return JSONWriter.bytes([
            "id": .string(id), "task": .string(message.task), "args": .array(values.args),
            "kwargs": .map(values.kwargs), "retries": .int(retries),
        ])
    }
}

extension ExceptionRecord {
    /// `{"type", "message"}` as a task that is not Swift reports its error; `message` may be a list of arguments.
    init?(reported value: CeleryValue?) {
        guard let map = value?.mapValue, let name = map["type"]?.stringValue, !name.isEmpty else { return nil }
        let message: [CeleryValue] =
            switch map["message"] {
            case .array(let arguments): arguments
            case nil, .null: []
            case .some(let argument): [argument]
            }
        // `package.module.Class`, else a class that Python has.
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex, name.index(after: dot) < name.endIndex else {
            self.init(module: "builtins", type: name, message: message)
            return
        }
        self.init(module: String(name[..<dot]), type: String(name[name.index(after: dot)...]), message: message)
    }
}
