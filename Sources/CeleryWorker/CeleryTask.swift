public import CeleryProtocol

/// A task as its callers know it: a name, parameters, and what it returns.
///
/// The stored properties are the parameters, in order: a message's positional arguments fill them in that order, its
/// keyword arguments by name, as Python binds a call. An optional property may be left out by the caller. Names on the
/// wire are the property names; give `CodingKeys` where Python calls them otherwise.
///
/// A type that only conforms to `CeleryTask` can be sent; give it a body with `RunnableTask`, or register a closure for
/// it.
public protocol CeleryTask: Codable, Sendable {
    /// What `run` returns; must be `Encodable`, or `Void`.
    associatedtype Output: Sendable = Void

    /// The task's name on the wire, e.g. `images.thumbnail`.
    static var name: String { get }
    /// How it is routed, retried and limited, unless `queues.yaml` or the sender says otherwise.
    static var options: TaskOptions { get }
}

extension CeleryTask {
    public static var options: TaskOptions { TaskOptions() }
}

/// A task that runs itself.
public protocol RunnableTask: CeleryTask {
    associatedtype Output

    /// Does the work.
    ///
    /// A returned value is success. Throw `context.retry(…)`, `TaskRejected` or `TaskIgnored` for those endings; any
    /// other error is a failure, which the retry policy may turn into a retry. Cancelled when the soft time limit
    /// passes.
    func run(_ context: TaskContext) async throws -> Output
}

/// Thrown by a task whose message is to be given back: to the queue, or to the dead-letter queue.
///
/// Celery's `Reject` (`celery/exceptions.py`).
public struct TaskRejected: Error, Sendable, Hashable {
    public var reason: String
    /// Whether the message goes back to its queue, to be delivered again at once.
    public var requeue: Bool

    public init(_ reason: String = "", requeue: Bool = false) {
        self.reason = reason
        self.requeue = requeue
    }
}

/// Thrown by a task that wants to end without any state being stored. Celery's `Ignore`.
public struct TaskIgnored: Error, Sendable, Hashable {
    public init() {}
}

/// An error that carries the exception which a Python client shall see.
///
/// An error of another type is shown as an exception of that type's name in the module of the task.
public protocol PythonException: Error {
    var exceptionRecord: ExceptionRecord { get }
}
