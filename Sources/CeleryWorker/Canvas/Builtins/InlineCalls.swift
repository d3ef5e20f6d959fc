import CeleryProtocol
import OrderedCollections

/// Calls a task's body again and again within the run of another task, as `celery.map` does.
struct InlineCalls {
    private let task: RegisteredTask
    private let items: [CeleryValue]
    private let context: TaskContext

    /// - Throws: NotRegistered for a task that this worker does not know, TypeError for arguments of another kind.
    init(_ arguments: BuiltinArguments, _ context: TaskContext) throws {
        let name = arguments["task"]?.stringValue
        let wanted = try name ?? arguments.signature("task").task
        guard let task = context.core.celery.registry[wanted] else { throw ExceptionRecord.notRegistered(wanted) }
        self.task = task
        self.items = try arguments.list("it")
        self.context = context
    }

    /// What the calls return, one after the other.
    ///
    /// - Parameter arguments: Makes the positional arguments of a call out of an item.
    /// - Throws: what the first failing call throws, and CancellationError when the run is to stop.
    func results(arguments: (CeleryValue) throws -> [CeleryValue]) async throws -> [CeleryValue] {
        var results: [CeleryValue] = []
        results.reserveCapacity(items.count)
        for item in items {
            try context.checkCancellation()
            let body = TaskBody.values(args: try arguments(item), kwargs: [:], embed: nil)
            let call = TaskContext(run: context.run, core: context.core, arguments: body)
            results.append(try JSONParser.parse(try await task.body(call)))
        }
        return results
    }
}
