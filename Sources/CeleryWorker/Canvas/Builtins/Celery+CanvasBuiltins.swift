import CeleryProtocol
import OrderedCollections

/// The built-in tasks of Celery's canvas (`celery/app/builtins.py`).
extension Celery {
    func registerCanvasBuiltins() {
        register(builtin: "celery.accumulate") { context in
            let (args, kwargs) = try context.arguments.values()
            guard let index = kwargs["index"]?.intValue else { return .array(args) }
            // As in Python, a negative one counts from the end.
            let place = index < 0 ? args.count + index : index
            guard args.indices.contains(place) else {
                throw ExceptionRecord.builtin("IndexError", "tuple index out of range")
            }
            return args[place]
        }
        register(builtin: "celery.map") { context in
            let arguments = try BuiltinArguments("celery.map", ["task", "it"], context)
            return .array(try await InlineCalls(arguments, context).results { [$0] })
        }
        register(builtin: "celery.starmap") { context in
            let arguments = try BuiltinArguments("celery.starmap", ["task", "it"], context)
            return .array(
                try await InlineCalls(arguments, context).results { item in
                    guard let args = item.arrayValue else {
                        throw ExceptionRecord.typeError("celery.starmap: each item must be a list of arguments")
                    }
                    return args
                }
            )
        }
        register(builtin: "celery.chain") { _ in
            throw ExceptionRecord.builtin("NotImplementedError", "chain is not a real task")
        }
        registerContainers()
        register(builtin: "celery.chord_unlock", options: ChordUnlock.options) { context in
            try await ChordUnlock(context).run()
            return .null
        }
    }

    /// Tasks that apply a container; their result is its result tuple, as Python stores one.
    private func registerContainers() {
        register(builtin: "celery.chunks") { context in
            let arguments = try BuiltinArguments("celery.chunks", ["task", "it", "n"], context)
            let kwargs: CeleryMap = [
                "task": arguments["task"] ?? .null, "it": .array(try arguments.list("it")), "n": arguments["n"] ?? 1,
            ]
            let chunks = Signature("celery.chunks", kwargs: kwargs, subtaskType: "chunks")
            return try await context.send(chunks).tuple.celeryValue
        }
        register(builtin: "celery.group") { context in
            let names = ["tasks", "result", "group_id", "partial_args", "add_to_parent"]
            let arguments = try BuiltinArguments("celery.group", names, context)
            let tasks = Signature.list(.array(try arguments.list("tasks")))
            let partial = arguments["partial_args"]?.arrayValue ?? []
            let group: CeleryMap = ["group_id": arguments["group_id"] ?? .null]
            for task in tasks { try await context.send(task.merging(args: partial, options: group)) }
            return arguments["result"] ?? .null
        }
        register(builtin: "celery.chord") { context in
            let arguments = try BuiltinArguments("celery.chord", ["header", "body", "partial_args"], context)
            let header = arguments["header"]?["kwargs"]?["tasks"] ?? arguments["header"]
            let chord = Signature.chord(Signature.list(header), body: try arguments.signature("body"))
            let sent = try await context.send(chord, args: arguments["partial_args"]?.arrayValue ?? [])
            return sent.tuple.celeryValue
        }
    }

    private func register(
        builtin name: String,
        options: TaskOptions = TaskOptions(),
        _ body: @escaping @Sendable (TaskContext) async throws -> CeleryValue
    ) {
        registry.register(
            RegisteredTask(name: name, options: options) { context in JSONWriter.bytes(try await body(context)) }
        )
    }
}
