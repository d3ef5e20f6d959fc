public import CeleryProtocol
public import Logging
import Synchronization

/// What a running task knows of itself, and what it can do to the outside.
public struct TaskContext: Sendable {
    let run: TaskRun
    let core: WorkerCore
    /// What the body gets in place of its message's arguments; nil for those.
    private let substitute: TaskBody?

    init(run: TaskRun, core: WorkerCore, arguments: TaskBody? = nil) {
        self.run = run
        self.core = core
        substitute = arguments
    }

    /// The arguments of the body.
    var arguments: TaskBody { substitute ?? run.message.body }

    /// The task's id; the same for every retry.
    public var id: String { run.message.id }
    /// The message: arguments, retries, headers, times.
    public var message: TaskMessage { run.message }
    /// How often the task was tried before.
    public var retries: Int { run.message.retries }
    /// `celery@host`, as the worker is called.
    public var hostname: String { core.nodename }

    /// The queue whose message it is.
    public var queue: String { run.delivery.lane.queue.name }

    /// A logger that names the task and its id.
    public var logger: Logger {
        var logger = core.logger
        logger[metadataKey: LogKeys.taskName] = "\(run.message.name)"
        logger[metadataKey: LogKeys.taskID] = "\(run.message.id)"
        return logger
    }

    /// Whether the task should stop: its soft time limit has passed, or the worker is about to end.
    ///
    /// A body that computes for long without suspending must ask now and then; others are cancelled where they wait.
    public var isCancelled: Bool { Task.isCancelled || run.state.withLock { $0.stop != nil } }

    /// Throws when the task should stop.
    public func checkCancellation() throws {
        if isCancelled { throw CancellationError() }
    }

    /// Stores a state of the task's own, by default `PROGRESS`, which its caller can read. Celery's `update_state`.
    ///
    /// Returns when the state is stored, so that states and the result keep their order.
    public func progress(_ meta: some Encodable & Sendable, state: TaskState = .progress) async throws {
        guard !run.ignoresResult, core.backend != nil else { return }
        let json = try CeleryEncoder().json(meta)
        try await core.store(core.document(run, status: state, result: json), of: run)
    }

    /// Tells monitors something of the task's own, whether or not the worker sends task events. Celery's `send_event`.
    ///
    /// - Parameters:
    ///   - type: Its group first, e.g. `task-progress`; the routing key has dots for the dashes.
    ///   - fields: What to tell beside the task's id.
    public func sendEvent(_ type: String, _ fields: CeleryMap = [:]) {
        core.events.add(type, (["uuid": .string(run.message.id)] as CeleryMap).merging(fields) { own, _ in own })
    }

    /// Asks for another try; throw what it returns.
    ///
    /// - Parameters:
    ///   - delay: How long to wait; as the task's policy says when nil.
    ///   - cause: The error that the caller sees meanwhile, and after the last try.
    ///   - maxRetries: Overrides the policy's limit.
    public func retry(after delay: Duration? = nil, cause: (any Error)? = nil, maxRetries: Int? = nil) -> TaskRetry {
        TaskRetry(delay: delay, cause: cause, maxRetries: maxRetries)
    }

    /// Asks for another try with other arguments; throw what it returns. The parameters are those of `retry(after:)`.
    ///
    /// - Throws: What the encoder says of arguments that cannot be written.
    public func retry<T: CeleryTask>(
        with task: T,
        after delay: Duration? = nil,
        cause: (any Error)? = nil,
        maxRetries: Int? = nil
    ) throws -> TaskRetry {
        guard case .map(let kwargs) = try CeleryEncoder().encode(task) else {
            throw CeleryError.unencodable("task \(T.name) does not encode as keyword arguments")
        }
        return TaskRetry(delay: delay, cause: cause, maxRetries: maxRetries, arguments: kwargs)
    }

    /// Sends a task as a child of this one: it carries this one's root and appears among its `children`.
    @discardableResult
    public func send<T: CeleryTask>(
        _ task: T,
        _ options: SendOptions = SendOptions()
    ) async throws
        -> AsyncResult<T.Output>
    {
        let sent = try await core.celery.send(task, options.asChild(of: run.message))
        adopt([sent.id])
        return sent
    }

    /// Sends several tasks at once; returns when the broker has confirmed all of them.
    @discardableResult
    public func send<T: CeleryTask>(
        _ tasks: [T],
        _ options: SendOptions = SendOptions()
    ) async throws
        -> [AsyncResult<T.Output>]
    {
        let sent = try await core.celery.send(tasks, options.asChild(of: run.message))
        adopt(sent.map(\.id))
        return sent
    }

    private func adopt(_ ids: [String]) {
        run.state.withLock { state in
            for id in ids { state.children.append([[.string(id), .null], .null]) }
        }
    }
}
