import CeleryWorker

// The suite's tasks that fail or refuse, and the exceptions that its clients import.

/// `t.integration.tasks.ExpectedException`.
struct ExpectedException: PythonException {
    var arguments: [CeleryValue] = []

    var exceptionRecord: ExceptionRecord {
        ExceptionRecord(module: "t.integration.tasks", type: "ExpectedException", message: arguments)
    }
}

/// `t.integration.tasks.UnpickleableException`, as Celery stores an exception that can't be made again from its
/// arguments (`celery/utils/serialization.py`, `UnpickleableExceptionWrapper`).
struct UnpickleableException: PythonException {
    var foo: String

    var exceptionRecord: ExceptionRecord {
        let own = ExceptionRecord(module: "t.integration.tasks", type: "UnpickleableException", message: [.string(foo)])
        return ExceptionRecord(
            module: "celery.utils.serialization",
            type: "UnpickleableExceptionWrapper",
            message: [
                "t.integration.tasks", .string(own.type), .array(own.message), .string(own.pythonRepr),
            ]
        )
    }
}

struct RaiseError: RunnableTask {
    static let name = "t.integration.tasks.raise_error"
    var arguments: Variadic

    init(from decoder: any Decoder) throws { arguments = try Variadic(decoder) }

    func run(_ context: TaskContext) async throws { throw ExceptionRecord.valueError("deliberate error") }
}

struct Fail: RunnableTask {
    static let name = "t.integration.tasks.fail"
    var arguments: Variadic

    init(from decoder: any Decoder) throws { arguments = try Variadic(decoder) }

    func run(_ context: TaskContext) async throws {
        throw ExpectedException(arguments: ["Task expected to fail"] + arguments.args)
    }
}

struct FailUnpickleable: RunnableTask {
    static let name = "t.integration.tasks.fail_unpickleable"
    var foo: String
    var bar: CeleryValue

    func run(_ context: TaskContext) async throws { throw UnpickleableException(foo: foo) }
}

struct ReturnException: RunnableTask {
    static let name = "t.integration.tasks.return_exception"
    var e: CeleryValue

    func run(_ context: TaskContext) async throws -> [CeleryValue] { [e, true] }
}

/// Stores SUCCESS by itself and gives its message back; what comes again is known to have succeeded.
struct StoreSuccessThenReject: RunnableTask {
    static let name = "t.integration.tasks.store_success_then_reject"

    func run(_ context: TaskContext) async throws -> String {
        guard !context.message.deliveryInfo.redelivered else { return "dedup-pass" }
        try await context.progress("first-pass", state: .success)
        throw TaskRejected(requeue: true)
    }
}

struct RejectThenSucceed: RunnableTask {
    static let name = "t.integration.tasks.reject_then_succeed"

    func run(_ context: TaskContext) async throws -> String {
        guard context.message.deliveryInfo.redelivered else { throw TaskRejected(requeue: true) }
        return "second-pass"
    }
}

struct RejectWithoutRequeue: RunnableTask {
    static let name = "t.integration.tasks.reject_without_requeue"

    func run(_ context: TaskContext) async throws { throw TaskRejected("rejected") }
}
