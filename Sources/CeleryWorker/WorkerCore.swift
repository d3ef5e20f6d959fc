import CeleryProtocol
import Connections
import Logging
import Synchronization

/// Everything that one running worker consists of; shared by its runners and its connection thread.
final class WorkerCore: Sendable {
    let celery: Celery
    let configuration: WorkerConfiguration
    let nodename: String
    let logger: Logger
    /// Whether each task is logged.
    let logsTasks: Bool
    /// The consumed queues.
    let laneTable: LaneTable
    /// How many messages may be here at once; 65535 for no limit.
    let prefetch: Int
    let runners: RunnerPool
    let running = RunningTasks()
    let processPool: ProcessPool
    /// Runs that were settled without having ended.
    let stuck: StuckRuns
    let outbox: Outbox
    let waker: Waker
    let clock = LamportClock()
    let events: EventSink
    let control = ControlPlane()
    let resultCommands: RedisResultCommands?
    let results: RedisResults?
    /// Leases of tasks that ask for one; nil without Redis, and such tasks are then delivered like all others.
    let leases: LeaseStore?
    /// Where states go as messages; nil unless the backend is `rpc://`.
    let rpc: RPCResults?
    let revocations: Revocations
    let rateLimits: RateLimits
    let nativeDelayedDelivery: NativeDelayedDelivery
    let accept: AcceptContent
    let limits: DecodingLimits
    let totals = WorkerTotals()
    let controls: WorkerControls
    let controlState = ControlState()
    let roster = Roster()
    let overrides = TaskOverrides()
    let held = HeldTasks()
    let shutdown = Shutdown()
    /// How many messages are held until their time comes.
    let heldCount = Atomic<Int>(0)
    /// This worker's part in sharing the partitions; nil when it consumes none.
    let partitions: PartitionMember?
    let isDraining = Atomic<Bool>(false)
    /// Whether all that left the outbox has been stored and answered; kept by the connection thread.
    let isSettled = Atomic<Bool>(true)
    let poolState: Mutex<PoolState>
    private let requests = Mutex<[ConsumerLoop.Request]>([])
    private let connectionState = Mutex(ConnectionState())

    struct ConnectionState {
        var wasConnected = false
        var onFirstConnection: (@Sendable (Result<Void, AMQPError>) -> Void)?
    }

    init(
        celery: Celery,
        configuration: WorkerConfiguration,
        nodename: String,
        logger: Logger,
        controls: WorkerControls = WorkerControls()
    ) throws {
        self.controls = controls
        self.celery = celery
        self.configuration = configuration
        self.nodename = nodename
        self.logger = logger
        logsTasks = logger.logLevel <= .info
        processPool = ProcessPool(configuration.worker, logger: logger)
        stuck = StuckRuns(logger: logger)
        celery.registerExternalTasks()
        let lanes = configuration.consumedQueues.enumerated().map { index, queue in
            Lane(index: index, queue: queue, registry: celery.registry, catalogue: configuration.catalogue)
        }
        laneTable = LaneTable(lanes)
        prefetch = lanes.map { $0.queue.prefetch == 0 ? 65_535 : $0.queue.prefetch }.min() ?? 1
        let slots = lanes.reduce(0) { $0 + $1.queue.concurrency }
        let autoscale = configuration.worker.autoscale
        let initialSize = autoscale?.minimum ?? configuration.worker.concurrency
        poolState = Mutex(PoolState(total: initialSize, autoscale: autoscale))
        runners = RunnerPool(
            lanes: lanes.map { ($0.queue.priority, $0.queue.concurrency) },
            totalSlots: initialSize,
            maxRunners: min(slots + 4, 1024)
        )
        waker = Waker()
        events = EventSink(
            format: EventFormat(nodename: nodename, pid: Int(celery.processID)),
            clock: clock,
            waker: control.waker,
            isForced: configuration.worker.taskEvents
        )
        results = celery.results
        resultCommands = celery.results?.commands
        leases = celery.results.map { results in
            LeaseStore(
                client: results.client,
                results: results.commands,
                duration: configuration.worker.leaseDuration,
                virtualHost: configuration.broker.urls.first?.virtualHost ?? "/"
            )
        }
        let resultSettings = configuration.resultBackend
        rpc = resultSettings.isRPC ? RPCResults(celery, resultSettings) : nil
        revocations = Revocations(configuration.worker, results: results, running: running, logger: logger)
        rateLimits = RateLimits(results: results, logger: logger)
        nativeDelayedDelivery = NativeDelayedDelivery(configuration.worker.nativeDelayedDelivery, logger: logger)
        partitions = PartitionMember(configuration, nodename: nodename, results: results, logger: logger)
        outbox = Outbox(results: resultCommands, waker: waker)
        accept = try AcceptContent(configuration.worker.acceptContent)
        limits = DecodingLimits(maxBodyBytes: configuration.worker.maxBodySize)
    }

    /// All lanes, those too that are not consumed any more.
    var lanes: [Lane] { laneTable.all }
    var consumedLanes: [Lane] { lanes.filter { $0.isConsumed.load(ordering: .relaxed) } }

    // MARK: The connection thread

    func submit(_ request: ConsumerLoop.Request) {
        requests.withLock { $0.append(request) }
        waker.wake()
    }

    func takeRequests() -> [ConsumerLoop.Request] {
        requests.withLock { requests in
            guard !requests.isEmpty else { return [] }
            defer { requests = [] }
            return requests
        }
    }

    /// Calls `body` once, when the worker first consumes or when the broker refuses it.
    func onFirstConnection(_ body: @escaping @Sendable (Result<Void, AMQPError>) -> Void) {
        connectionState.withLock { $0.onFirstConnection = body }
    }

    func connected(to url: BrokerURL, version: String) {
        controlState.broker = url
        partitions?.isConnected.store(true, ordering: .relaxed)
        let names = consumedLanes.map(\.queue.name).joined(separator: ", ")
        logger.info("consuming from \(names.isEmpty ? "no queue of its own" : names) at \(url), RabbitMQ \(version)")
        let first = connectionState.withLock { state in
            state.wasConnected = true
            defer { state.onFirstConnection = nil }
            return state.onFirstConnection
        }
        first?(.success(()))
    }

    func disconnected(_ error: AMQPError) {
        partitions?.isConnected.store(false, ordering: .relaxed)
        let count = running.all.count { $0.delivery.hold?.isHeld != true }
        guard count > 0 else { return }
        if configuration.worker.cancelOnConnectionLoss {
            for run in running.all where run.known.rules.delivery == .atLeastOnce && run.delivery.hold?.isHeld != true {
                end(run, .connectionLost, as: .cancelled)
            }
            return
        }
        logger.warning(
            "\(count) tasks go on without a broker; their messages will be delivered again, and those that succeed not run twice"
        )
    }

    /// A broker that refuses the very first login will not change its mind; later it may.
    func cannotConnect(_ error: AMQPError) {
        let isFatal =
            switch error.code {
            case .accessRefused, .invalid, .channelClosed: true
            default: false
            }
        guard isFatal else { return }
        let first = connectionState.withLock { state -> (@Sendable (Result<Void, AMQPError>) -> Void)? in
            guard !state.wasConnected else { return nil }
            defer { state.onFirstConnection = nil }
            return state.onFirstConnection
        }
        first?(.failure(error))
    }

    /// Declares what one queue needs, on a channel of its own.
    func declare(_ queue: QueueSettings, on connection: AMQPConnection) throws(AMQPError) {
        let channel: UInt16 = 2
        try connection.openChannel(channel)
        defer { connection.closeChannel(channel) }
        try connection.declare(queue, channel: channel)
        if queue.partition != nil { try checkPartition(queue, on: connection, channel: channel) }
        try nativeDelayedDelivery.bind(queue, on: connection, channel: channel)
    }

    func consumerTag(_ lane: Lane) -> String { "\(nodename).\(lane.queue.name)" }

    /// The first queue that holds messages although this worker gets none.
    ///
    /// - Parameter isServed: Whether the broker delivers a queue's messages here: those of a partition may go to another
    ///   worker, which has not handed it over yet.
    func neglectedQueue(
        on connection: AMQPConnection,
        isServed: (Lane) -> Bool
    ) throws(AMQPError) -> String? {
        let channel: UInt16 = 3
        try connection.openChannel(channel)
        defer { connection.closeChannel(channel) }
        for lane in consumedLanes where isServed(lane) && !isFull(lane) {
            let status = try connection.declareQueue(lane.queue.name, passive: true, channel: channel)
            if status.messages > 0 { return lane.queue.name }
        }
        return nil
    }

    /// Returns when everything that has left the runners so far is stored, or after a second.
    func outboxSettled() async {
        outbox.flush()
        for _ in 0..<1000 {
            if outbox.isEmpty, isSettled.load(ordering: .acquiring) { return }
            try? await Task.sleep(for: .milliseconds(1))
        }
    }

    @Sendable
    func decompressBody(_ format: CompressionFormat, _ bytes: ArraySlice<UInt8>, _ maxBytes: Int) throws -> [UInt8] {
        try Compression.decompress(Compression.Format(named: format.headerValue), bytes, maxBytes: maxBytes)
    }

    // MARK: Time

    /// Stops and settles the runs whose time is up.
    func checkTimeLimits(_ now: MonotonicTime) {
        for run in running.all {
            let elapsed = run.elapsed(at: now)
            if let hard = run.hardTimeLimit, elapsed > hard.nanoseconds {
                exceedHardLimit(run, hard)
            } else if let soft = run.softTimeLimit, elapsed > soft.nanoseconds, run.state.withLock({ $0.stop == nil }) {
                logger.warning(
                    "Soft time limit (\(soft.secondsText)s) exceeded for \(run.message.label)"
                )
                run.stop(.softTimeLimit)
            }
        }
    }

    private func exceedHardLimit(_ run: TaskRun, _ limit: Duration) {
        guard run.state.withLock({ !$0.isSettled }) else { return }
        let hint =
            run.known.rules.pool == .processes ? "" : "; it was told to stop, and its thread is free again when it does"
        logger.error("Hard time limit (\(limit.secondsText)s) exceeded for \(run.message.label)\(hint)")
        end(run, .hardTimeLimit, as: .failed(.timeLimitExceeded(limit.secondsValue), traceback: ""))
    }

    var backend: (any ResultBackend)? { results ?? rpc }
}

extension Duration {
    /// Seconds without a needless fraction: `30`, `0.5`.
    var secondsText: String {
        let value = secondsValue
        return value == value.rounded() ? String(Int(value)) : String(value)
    }
}

/// How many runs ended in which way, since the worker began.
final class WorkerTotals: Sendable {
    let succeeded = Atomic<Int>(0)
    let failed = Atomic<Int>(0)
    let retried = Atomic<Int>(0)
    let rejected = Atomic<Int>(0)
    let ignored = Atomic<Int>(0)
    let revoked = Atomic<Int>(0)
    /// Runs that were stopped because the worker ended.
    let interrupted = Atomic<Int>(0)
    let turnedAway = Atomic<Int>(0)
    /// Deliveries of tasks that had succeeded before.
    let duplicates = Atomic<Int>(0)

    var finished: Int {
        [
            succeeded.load(ordering: .relaxed), failed.load(ordering: .relaxed), retried.load(ordering: .relaxed),
            rejected.load(ordering: .relaxed), ignored.load(ordering: .relaxed),
        ].reduce(0, +)
    }
}
