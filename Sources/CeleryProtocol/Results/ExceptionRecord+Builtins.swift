extension ExceptionRecord {
    /// No worker knows a task of that name.
    public static func notRegistered(_ task: String) -> ExceptionRecord {
        ExceptionRecord(module: "celery.exceptions", type: "NotRegistered", message: [.string(task)])
    }

    /// The task was taken back. `reason` is `revoked`, `terminated` or `expired`.
    public static func taskRevoked(_ reason: String) -> ExceptionRecord {
        ExceptionRecord(module: "celery.exceptions", type: "TaskRevokedError", message: [.string(reason)])
    }

    /// The hard time limit, in seconds, was exceeded.
    public static func timeLimitExceeded(_ seconds: Double) -> ExceptionRecord {
        let limit = Int(exactly: seconds).map(CeleryValue.int) ?? .double(seconds)
        return ExceptionRecord(module: "billiard.exceptions", type: "TimeLimitExceeded", message: [limit])
    }

    /// The soft time limit was exceeded and the task did not handle that.
    public static func softTimeLimitExceeded() -> ExceptionRecord {
        ExceptionRecord(module: "billiard.exceptions", type: "SoftTimeLimitExceeded")
    }

    /// The process that ran the task ended.
    public static func workerLost(_ text: String) -> ExceptionRecord {
        ExceptionRecord(module: "billiard.exceptions", type: "WorkerLostError", message: [.string(text)])
    }

    /// The task was to be tried again, but has been tried often enough (`celery/app/task.py`, `retry`).
    /// `arguments` and `keywords` are their reprs.
    public static func maxRetriesExceeded(
        task: String,
        id: String,
        arguments: String,
        keywords: String
    ) -> ExceptionRecord {
        maxRetriesExceeded("Can't retry \(task)[\(id)] args:\(arguments) kwargs:\(keywords)")
    }

    /// As above, with a text of one's own.
    public static func maxRetriesExceeded(_ text: String) -> ExceptionRecord {
        ExceptionRecord(module: "celery.exceptions", type: "MaxRetriesExceededError", message: [.string(text)])
    }

    /// A task of a chord's header failed, so its body does not run.
    public static func chordError(_ text: String) -> ExceptionRecord {
        ExceptionRecord(module: "celery.exceptions", type: "ChordError", message: [.string(text)])
    }

    /// The task refused its message.
    public static func reject(reason: String?, requeue: Bool) -> ExceptionRecord {
        let reason = reason.map(CeleryValue.string) ?? .null
        return ExceptionRecord(module: "celery.exceptions", type: "Reject", message: [reason, .bool(requeue)])
    }

    /// A built-in Python exception with one text.
    public static func builtin(_ type: String, _ text: String) -> ExceptionRecord {
        ExceptionRecord(module: "builtins", type: type, message: [.string(text)])
    }

    public static func typeError(_ text: String) -> ExceptionRecord { builtin("TypeError", text) }

    public static func valueError(_ text: String) -> ExceptionRecord { builtin("ValueError", text) }

    public static func runtimeError(_ text: String) -> ExceptionRecord { builtin("RuntimeError", text) }
}
