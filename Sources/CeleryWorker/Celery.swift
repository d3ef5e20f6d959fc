public import CeleryProtocol
import Connections
import Foundation
public import Logging
import OrderedCollections
import Synchronization

/// An application's way to Celery: the tasks it knows, and the broker and result backend it uses.
///
/// One object serves a whole process: it sends tasks, reads results, and runs a worker. Connections are made when they
/// are first needed.
public final class Celery: Sendable {
    public let configuration: WorkerConfiguration
    public let logger: Logger
    let registry = TaskRegistry()
    let controlCommands = CustomControlCommands()
    let processID = ProcessInfo.processInfo.processIdentifier
    /// The result backend; nil when none is configured.
    let results: RedisResults?
    private let publisherBox = Mutex<AMQPPublisher?>(nil)
    private let mailboxBox = Mutex<ControlMailbox?>(nil)
    private let knownQueues = Mutex<Set<String>>([])
    let origin: String
    let hasDeclaredEvents = Atomic<Bool>(false)
    let replyTo = TaskID.make()

    /// - Throws: `ConfigurationError` with every problem of `queues.yaml` and the environment.
    public convenience init(logger: Logger? = nil) throws {
        self.init(configuration: try WorkerConfiguration.load(), logger: logger)
    }

    public init(configuration: WorkerConfiguration, logger: Logger? = nil) {
        self.configuration = configuration
        self.logger = logger ?? CeleryLogHandler.logger(level: configuration.worker.logLevel)
        results = configuration.resultBackend.url.map { RedisResults(configuration.resultBackend, url: $0) }
        origin = "gen\(processID)@\(Hostname.full)"
        registerBuiltins()
    }

    // MARK: Tasks

    /// Registers a task that runs itself.
    public func register<T: RunnableTask>(_ type: T.Type) where T.Output: Encodable {
        registry.register(RegisteredTask(type) { task, context in try await task.run(context) })
    }

    /// Registers a task that runs itself and returns nothing.
    public func register<T: RunnableTask>(_ type: T.Type) where T.Output == Void {
        registry.register(RegisteredTask(type) { task, context in try await task.run(context) })
    }

    /// Registers a body for a task, so that the worker can supply what the task depends on.
    public func register<T: CeleryTask>(
        _ type: T.Type,
        run: @escaping @Sendable (T, TaskContext) async throws -> T.Output
    ) where T.Output: Encodable {
        registry.register(RegisteredTask(type, run: run))
    }

    /// Registers a body for a task that returns nothing.
    public func register<T: CeleryTask>(
        _ type: T.Type,
        run: @escaping @Sendable (T, TaskContext) async throws -> Void
    ) where T.Output == Void {
        registry.register(RegisteredTask(type, run: run))
    }

    // MARK: Sending

    /// Sends a task; returns when the broker has confirmed it.
    ///
    /// - Throws: `AMQPError` when the message was not accepted: unroutable, blocked, timed out, refused.
    @discardableResult
    public func send<T: CeleryTask>(
        _ task: T,
        _ options: SendOptions = SendOptions()
    ) async throws
        -> AsyncResult<T.Output>
    {
        try await send([task], options)[0]
    }

    /// Sends several tasks; returns when the broker has confirmed all of them.
    @discardableResult
    public func send<T: CeleryTask>(
        _ tasks: [T],
        _ options: SendOptions = SendOptions()
    ) async throws
        -> [AsyncResult<T.Output>]
    {
        var options = options
        if options.agentID == nil { options.queue = options.queue ?? T.options.queue }
        options.ignoreResult = options.ignoreResult ?? T.options.ignoreResult ?? false
        let encoder = CeleryEncoder()
        let drafts = try tasks.map { task in
            guard case .map(let kwargs) = try encoder.encode(task) else {
                throw CeleryError.unencodable("task \(T.name) does not encode as keyword arguments")
            }
            return draft(T.name, args: [], kwargs: kwargs, options)
        }
        return try await send(drafts, task: T.name, options).map { AsyncResult(id: $0, results: results) }
    }

    /// Sends a task by its name, as Celery's `send_task` does.
    @discardableResult
    public func send(
        _ name: String,
        args: [CeleryValue] = [],
        kwargs: CeleryMap = [:],
        _ options: SendOptions = SendOptions()
    ) async throws -> AsyncResult<CeleryValue> {
        let id = try await send([draft(name, args: args, kwargs: kwargs, options)], task: name, options)[0]
        return AsyncResult(id: id, results: results)
    }

    /// The result of a task that was sent earlier or elsewhere.
    public func result(_ id: String) -> AsyncResult<CeleryValue> { AsyncResult(id: id, results: results) }

    /// The bytes that are stored as the result of a task; 0 for nothing.
    package func resultSize(_ id: String) async throws -> Int { try await results?.size(of: id) ?? 0 }

    /// Closes the connections. What is still being sent fails.
    public func close() {
        publisherBox.withLock { box in
            box?.stop()
            box = nil
        }
        mailboxBox.withLock { box in
            box?.stop()
            box = nil
        }
        results?.close()
    }

    private func draft(
        _ name: String,
        args: [CeleryValue],
        kwargs: CeleryMap,
        _ options: SendOptions
    ) -> TaskMessage.Draft {
        let now = WallClock.microseconds
        let id = options.id ?? TaskID.make()
        var draft = TaskMessage.Draft(id: id, task: name, args: args, kwargs: kwargs, origin: origin)
        draft.eta = options.eta ?? options.countdown.map { Timestamp(microsecondsSince1970: now).advanced(by: $0) }
        draft.expires = options.expires.map { Timestamp(microsecondsSince1970: now).advanced(by: $0) }
        draft.softTimeLimit = options.softTimeLimit?.secondsValue
        draft.hardTimeLimit = options.hardTimeLimit?.secondsValue
        draft.rootID = options.rootID
        draft.parentID = options.parentID
        draft.ignoreResult = options.ignoreResult
        draft.headers = options.headers
        if let agent = options.agentID, let partitions = configuration.catalogue.partitions {
            draft.headers[partitions.agentKey] = .string(agent)
        }
        draft.contentType = options.serializer
        draft.shadow = options.shadow
        draft.priority = options.priority
        draft.replyTo = replyTo
        return draft
    }

    private func send(_ drafts: [TaskMessage.Draft], task: String, _ options: SendOptions) async throws -> [String] {
        let queues = try drafts.map { try queue(for: $0, task: task, options) }
        let now = Timestamp(microsecondsSince1970: WallClock.microseconds)
        let messages = try zip(drafts, queues).map { AMQPMessage(try $0.publication(routingKey: $1, now: now)) }
        try await publish(messages, timeout: options.confirmTimeout)
        await announce(drafts, queues: queues)
        return drafts.map(\.id)
    }

    private func queue(
        for draft: TaskMessage.Draft,
        task: String,
        _ options: SendOptions
    ) throws(CeleryError) -> String {
        try configuration.catalogue.destination(
            ofTask: task,
            queue: options.queue,
            agent: options.agentID,
            headers: draft.headers,
            kwargs: draft.arguments.keywords
        )
    }

    // MARK: Publishing

    /// Publishes through the default exchange; a queue that is not there is declared as Celery would, once.
    func publish(_ messages: [AMQPMessage], timeout: Duration? = nil) async throws(AMQPError) {
        let timeout = timeout ?? configuration.broker.publishTimeout
        do throws(AMQPError) {
            try await publisher.publish(messages, timeout: timeout)
        } catch  where error.code == .unroutable {
            let queues = Set(messages.filter(\.exchange.isEmpty).map(\.routingKey))
            for queue in queues { try await declare(queue) }
            // Those that were routed come a second time; their ids are the same, and a task that has succeeded is not
            // run again.
            try await publisher.publish(messages, timeout: timeout)
        }
    }

    private func declare(_ name: String) async throws(AMQPError) {
        let queue = configuration.catalogue.queue(named: name)
        let isDead = name.hasSuffix(".dead")
        try await publisher.perform { (connection, channel) throws(AMQPError) in
            if isDead {
                try connection.ensureQueue(name, channel: channel)
            } else {
                try connection.declare(queue, channel: channel)
            }
        }
    }

    // MARK: Health

    /// Asks the broker for an answer and measures how long it takes.
    package func checkBroker() async throws -> Duration {
        let clock = ContinuousClock()
        return try await clock.measure {
            try await publisher.perform(timeout: .seconds(5)) { (connection, channel) throws(AMQPError) in
                try connection.declareExchange("amq.direct", passive: true, channel: channel)
            }
        }
    }

    /// Asks the result backend for an answer and measures how long it takes; nil when none is configured.
    package func checkResultBackend() async throws -> Duration? {
        guard let results else { return nil }
        let clock = ContinuousClock()
        return try await clock.measure { _ = try await results.client.send(RedisCommand("PING"), timeout: .seconds(5)) }
    }

    /// The result backend's connection, for those who look at its Redis; nil when none is configured.
    package var resultClient: RedisClient? { results?.client }

    var mailbox: ControlMailbox {
        mailboxBox.withLock { box in
            if let box { return box }
            let new = ControlMailbox(configuration, logger: logger)
            box = new
            return new
        }
    }

    var publisher: AMQPPublisher {
        publisherBox.withLock { box in
            if let box { return box }
            let options = configuration.amqpOptions(name: "chard publisher")
            let new = AMQPPublisher(urls: configuration.broker.urls, options: options, logger: logger)
            box = new
            return new
        }
    }
}

extension AMQPMessage {
    init(_ publication: TaskPublication) {
        self.init(
            exchange: publication.exchange,
            routingKey: publication.routingKey,
            properties: publication.properties,
            body: publication.body
        )
    }
}
