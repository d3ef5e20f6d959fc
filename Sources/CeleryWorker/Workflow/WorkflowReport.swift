import CeleryProtocol

/// What the rest of a workflow learns of a task's end: the chord that it is part of, the tasks that would have followed
/// it, and its errbacks.
struct WorkflowReport: Sendable {
    var state: TaskState
    /// The value or the exception, as JSON text.
    var result: [UInt8]
    /// nil for success.
    var exception: ExceptionRecord?
    var traceback: String?
}

/// A task's place in the header of a chord.
struct ChordMembership: Sendable {
    var taskID: String
    var group: String
    var index: Int?
    /// The chord's body.
    var body: Signature

    /// nil for a task that is in no chord.
    init?(_ message: TaskMessage, _ embed: Embed) {
        guard let body = embed.chord, let group = message.group else { return nil }
        self.init(taskID: message.id, group: group, index: message.groupIndex, body: body)
    }

    /// The place of a signature that has not been sent.
    init?(_ signature: Signature) {
        let options = signature.options
        guard let body = options["chord"].flatMap({ Signature(celeryValue: $0) }),
            let group = options["group_id"]?.stringValue, let id = options["task_id"]?.stringValue
        else { return nil }
        self.init(taskID: id, group: group, index: options["group_index"]?.intValue, body: body)
    }

    private init(taskID: String, group: String, index: Int?, body: Signature) {
        self.taskID = taskID
        self.group = group
        self.index = index
        self.body = body
    }
}

/// The tasks of a chain that will not run because one before them has failed
/// (`celery/backends/base.py` `_fail_chain`).
enum FailedChain {
    /// Those of a chain and of the bodies of its chords, in order.
    static func tasks(_ chain: [Signature]) -> [Signature] {
        var tasks: [Signature] = []
        var rest = chain[...]
        var bodies: [Signature] = []
        while let next = rest.popFirst() ?? bodies.popLast() {
            tasks.append(next)
            // A chord has ended when its body has; whoever waits, waits for that.
            if next.subtaskType == "chord", let body = next.kwargs["body"].flatMap({ Signature(celeryValue: $0) }) {
                bodies.insert(body, at: 0)
            }
        }
        return tasks
    }
}
