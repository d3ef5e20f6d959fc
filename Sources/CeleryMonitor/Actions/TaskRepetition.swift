import CeleryProtocol
import CeleryWorker
import OrderedCollections

/// What is sent when a task is sent once more: the same name and arguments, to its queue, under a new id.
struct TaskRepetition: Sendable {
    var name: String
    var queue: String?
    var args: [CeleryValue]
    var kwargs: CeleryMap
    /// Where the arguments were found, in words.
    var origin: String

    /// Arguments come from the stored result where it has them (`result_extended`), else from the event's text.
    ///
    /// - Throws: `PageError.badRequest` with why it can't be sent again.
    init(_ task: TaskRecord, stored: ResultMeta?) throws(PageError) {
        guard let name = task.name ?? stored?.extended?.name else {
            throw .badRequest("It can't be sent again: no event has told its name.")
        }
        self.name = name
        queue = task.queue
        if let extended = stored?.extended, case .array(let args) = extended.args,
            case .map(let kwargs) = extended.kwargs
        {
            (self.args, self.kwargs) = (args, kwargs)
            origin = "the stored result"
            return
        }
        guard let args = task.args, let kwargs = task.kwargs else {
            throw .badRequest(
                "It can't be sent again: no event has told its arguments, and the stored result has none."
            )
        }
        for text in [args, kwargs] where text.contains(Redaction.mark) {
            throw .badRequest("It can't be sent again: some of its arguments are hidden here.")
        }
        do throws(PythonReprReader.Refusal) {
            self.args = try PythonReprReader.arguments(args)
            self.kwargs = try PythonReprReader.keywords(kwargs)
        } catch {
            throw .badRequest(
                "It can't be sent again from its event's arguments: \(error.reason). Set result_extended in the "
                    + "workers, and the stored result will have them whole."
            )
        }
        origin = "its event"
    }

    /// Finds the task in the history and the result store.
    static func find(_ id: String, _ monitor: Monitor) async throws -> TaskRepetition {
        guard let task = try await monitor.history.task(id) else {
            throw PageError.notFound("No task \(id) is in the history.")
        }
        return try TaskRepetition(task, stored: try? await monitor.celery.result(id).meta())
    }

    /// Returns the new task's id.
    func send(_ monitor: Monitor) async throws -> String {
        try await monitor.celery.send(name, args: args, kwargs: kwargs, SendOptions(queue: queue)).id
    }
}
