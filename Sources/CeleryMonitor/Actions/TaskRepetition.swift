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

    /// Finds the task in the history and the result store, and its queue at the workers.
    static func find(_ id: String, _ monitor: Monitor) async throws -> TaskRepetition {
        guard let task = try await monitor.history.task(id) else {
            throw PageError.notFound("No task \(id) is in the history.")
        }
        let stored = try? await monitor.celery.result(id).meta()
        var repetition = try TaskRepetition(task, stored: stored)
        repetition.queue = try await queue(of: task, stored, monitor)
        return repetition
    }

    /// The queue that it came from. Unless its sender has told, the history has only the monitor's own routes to go by,
    /// which may not be the workers'; so what counts is what workers consume.
    private static func queue(of task: TaskRecord, _ stored: ResultMeta?, _ monitor: Monitor) async throws -> String? {
        var consumed: [ConsumedQueue] = []
        if let worker = task.worker ?? stored?.extended?.worker {
            consumed = ConsumedQueue.list(try? await monitor.inspector.report(worker, age: 30))
        }
        if consumed.isEmpty {
            consumed = try await monitor.inspector.survey(age: 30).values.flatMap(ConsumedQueue.list)
        }
        let told = [stored?.extended?.queue, task.queue].compactMap { $0 }
        for name in told {
            if let queue = consumed.first(where: { $0.name == name || $0.routingKey == name }) { return queue.name }
        }
        let names = Set(consumed.map(\.name)).sorted()
        if names.count == 1 { return names[0] }
        guard names.isEmpty || told.isEmpty else {
            throw PageError.badRequest(
                "It can't be sent again: no worker consumes \(told[0]), where the monitor's settings route it; they "
                    + "consume \(names.prefix(5).joined(separator: ", ")). Start the monitor with the workers' queues.yaml."
            )
        }
        return told.first
    }

    /// A queue as a worker's `active_queues` tell of it.
    private struct ConsumedQueue {
        var name: String
        var routingKey: String?

        static func list(_ report: WorkerReport?) -> [ConsumedQueue] {
            (report?.activeQueues ?? []).compactMap { queue in
                queue["name"]?.stringValue.map {
                    ConsumedQueue(name: $0, routingKey: queue["routing_key"]?.stringValue)
                }
            }
        }
    }

    /// Returns the new task's id.
    func send(_ monitor: Monitor) async throws -> String {
        try await monitor.celery.send(name, args: args, kwargs: kwargs, SendOptions(queue: queue)).id
    }
}
