import CeleryProtocol
import Connections
import OrderedCollections

/// What the control commands need of the other parts of a worker, each thing in one line.
///
/// A command whose part is nil answers with an error instead of pretending. The parts get the core as an argument, so
/// that nothing here keeps it alive. They are called on the control thread and must not block.
struct WorkerControls: Sendable {
    typealias Action<Input> = @Sendable (_ core: WorkerCore, _ input: Input) throws -> Void
    typealias Reading<Value> = @Sendable (_ core: WorkerCore) -> Value

    // MARK: The pool

    /// How many tasks may run at once in all.
    var poolSize: Reading<Int> = { $0.poolSize }
    var growPool: Action<Int>? = { $0.growPool($1) }
    var shrinkPool: Action<Int>? = { $0.shrinkPool($1) }
    /// Starts the pool's processes anew (`pool_restart`).
    var restartPool: Action<Void>? = { core, _ in
        // celery/worker/worker.py, reload
        guard core.configuration.worker.poolRestarts else {
            throw ExceptionRecord.valueError("Pool restarts not enabled")
        }
        core.processPool.restart()
    }
    /// Nil when the pool keeps its size.
    var autoscaler: Reading<AutoscalerState?> = { $0.autoscalerState }
    /// Changes the range of a pool that scales itself; a bound that is nil stays.
    var setAutoscale: Action<(maximum: Int?, minimum: Int?)>? = {
        $0.setAutoscale(maximum: $1.maximum, minimum: $1.minimum)
    }
    /// The processes that run tasks, besides this one.
    var childProcesses: Reading<[Int32]> = { $0.processPool.snapshot().processes }
    /// The process that runs a task.
    var processOf: @Sendable (_ core: WorkerCore, _ run: TaskRun) -> Int32 = { core, run in
        run.process?.processID ?? core.celery.processID
    }

    // MARK: Consumers

    /// The queues that are consumed now.
    var consumedQueues: Reading<[QueueSettings]> = { $0.consumedLanes.map(\.queue) }
    /// Unacknowledged messages of each of them at most; 0 for no limit.
    var prefetchCounts: Reading<[Int]> = { $0.consumedLanes.map { Int($0.prefetch) } }
    var addConsumer: Action<QueueSettings>? = { $0.addConsumer($1) }
    var cancelConsumer: Action<String>? = { $0.cancelConsumer($1) }

    // MARK: Revocation

    /// The revoked ids, oldest first.
    var revokedIDs: Reading<[String]> = { $0.revocations.snapshot }
    /// Also stores REVOKED for those that nobody has begun, so that who waits for them learns of it.
    var revoke: Action<[String]>? = { $0.revocations.revoke($1) }
    var revokeStamps: Action<[String: [CeleryValue]]>? = { $0.revocations.revoke(stamps: $1) }
    /// Stops a task that runs (`revoke(terminate=True)`); the signal by its name, e.g. `SIGTERM`.
    var terminate: Action<(run: TaskRun, signal: String)>? = { core, input in
        let signal = SignalName.number(of: input.signal) ?? SignalName.terminate
        core.end(input.run, .terminated(signal: signal), as: .revoked(reason: "terminated"))
    }

    // MARK: Limits

    /// How often a task may start, after all layers.
    var rateLimit: @Sendable (_ core: WorkerCore, _ task: String) -> RateLimit? = { core, task in
        let settings = core.configuration.catalogue.settings(forTask: task)?.rateLimit
        let configured = settings.map(\.value) ?? core.celery.registry[task]?.options.rateLimit
        return core.rateLimits.rate(of: task, configured: configured)
    }
    /// Changes how often a task may start; nil for no limit. Nobody limits rates while this is nil.
    var setRateLimit: Action<(task: String, limit: RateLimit?)>? = {
        $0.rateLimits.set(task: $1.task, rateLimit: $1.limit)
    }

    // MARK: The rest

    /// Begins a warm shutdown.
    var shutDown: Action<Void>? = { core, _ in core.shutdown.begin() }
}

/// How a pool that scales itself stands, as `inspect stats` reports it (`celery/worker/autoscale.py`, `info`).
struct AutoscalerState: Sendable, Hashable {
    var maximum: Int
    var minimum: Int
    var current: Int
    /// Tasks that run or wait here.
    var tasks: Int

    var value: CeleryValue {
        ["max": .int(maximum), "min": .int(minimum), "current": .int(current), "qty": .int(tasks)]
    }
}
