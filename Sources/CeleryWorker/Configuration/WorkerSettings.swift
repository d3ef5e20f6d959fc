public import Logging

/// What concerns the worker process as a whole (`worker:` in queues.yaml).
public struct WorkerSettings: Sendable, Hashable {
    /// The node name; `%h`, `%n`, `%d` stand for host, name and domain.
    public var hostname = "celery@%h"
    /// Names of the queues to consume; nil: all of the file.
    public var queues: [String]?
    public var excludeQueues: [String] = []
    /// Whether ``queues`` may name a queue that the file does not know; Celery's task_create_missing_queues.
    public var createMissingQueues = true
    /// Tasks that run at once over all queues; nil: as many as the queues allow.
    public var concurrency: Int?
    /// How far the pool grows and shrinks by itself; nil: it keeps its size.
    public var autoscale: Autoscale?
    /// Prefetch as a multiple of the concurrency, 0 for no limit; nil: queues say it themselves.
    public var prefetchMultiplier: Int?
    /// Whether the multiplier came from the command line and so wins over the queues' own prefetch.
    var isPrefetchMultiplierForced = false
    /// How long running tasks may go on after a request to stop.
    public var gracePeriod: Duration = .seconds(30)
    /// How long running tasks may go on after a request to stop at once.
    public var softShutdownTimeout: Duration = .zero
    /// Whether running tasks end when the broker's connection is lost, since their messages are delivered again.
    public var cancelOnConnectionLoss = false
    public var logLevel = Logger.Level.info
    /// Whether task events are sent from the beginning (`-E`); remote control can switch them on later.
    public var taskEvents = false
    /// Whether the worker answers remote control; Celery's worker_enable_remote_control.
    public var remoteControl = true
    /// Whether it sends heartbeats as events, by which monitors know that it is alive.
    public var heartbeat = true
    public var heartbeatInterval: Duration = .seconds(2)
    /// Whether it listens to other workers' events.
    public var gossip = true
    /// Whether it asks other workers, when it connects, which tasks are revoked.
    public var mingle = true
    /// Whether the state STARTED is stored; Celery's task_track_started.
    public var trackStarted = false
    /// Names of serializers, or MIME types.
    public var acceptContent = ["json"]
    /// Bytes of the largest body, after decompression.
    public var maxBodySize = 128 << 20

    /// How many child processes there may be; nil: one per processor.
    public var processes: Int?
    /// Whether `pool_restart` may replace the child processes; Celery's worker_pool_restarts.
    public var poolRestarts = false
    /// After how many tasks a child process is replaced; nil: never.
    public var maxTasksPerChild: Int?
    /// Beyond how many KiB of memory a child process is replaced; nil: never.
    public var maxMemoryPerChild: Int?
    /// How many ids of revoked tasks are remembered; Celery's CELERY_WORKER_REVOKES_MAX.
    public var revokesMax = 50_000
    /// For how long; Celery's CELERY_WORKER_REVOKE_EXPIRES.
    public var revokeExpires = Duration.seconds(10_800)
    public var nativeDelayedDelivery = NativeDelayedDeliveryMode.auto
    /// After which silence of its worker a task with a lease goes to another.
    public var leaseDuration = Duration.seconds(60)
    /// How often lapsed leases are looked for.
    public var leaseCheck = Duration.seconds(5)
    /// How long a task's last checkpoint is kept.
    public var checkpointExpires = Duration.seconds(7 * 86_400)
    /// Bytes of the largest checkpoint in Redis, before compression.
    public var checkpointLimit = 64 << 20

    public init() {}

    init(reading reader: SettingsReader) {
        let keys = ConfigKeys.Worker.self
        hostname = reader.text(keys.hostname)?.text ?? hostname
        queues = reader.values(keys.queues).map { $0.map(\.text) }
        excludeQueues = reader.values(keys.excludeQueues)?.map(\.text) ?? []
        createMissingQueues = reader.flag(keys.createMissingQueues) ?? createMissingQueues
        concurrency = reader.integer(keys.concurrency, in: 1...65535)
        autoscale = Self.autoscale(reader)
        prefetchMultiplier = reader.integer(keys.prefetchMultiplier, in: 0...65535)
        isPrefetchMultiplierForced = reader.context.overrides[reader.path(of: keys.prefetchMultiplier)] != nil
        gracePeriod = reader.duration(keys.gracePeriod, in: .zero ... .seconds(30 * 86400)) ?? gracePeriod
        softShutdownTimeout =
            reader.duration(keys.softShutdownTimeout, in: .zero ... .seconds(30 * 86400)) ?? softShutdownTimeout
        cancelOnConnectionLoss = reader.flag(keys.cancelOnConnectionLoss) ?? cancelOnConnectionLoss
        logLevel = Self.logLevel(reader) ?? logLevel
        taskEvents = reader.flag(keys.taskEvents) ?? taskEvents
        remoteControl = reader.flag(keys.remoteControl) ?? remoteControl
        heartbeat = reader.flag(keys.heartbeat) ?? heartbeat
        heartbeatInterval =
            reader.duration(keys.heartbeatInterval, in: .milliseconds(100) ... .seconds(3600)) ?? heartbeatInterval
        gossip = reader.flag(keys.gossip) ?? gossip
        mingle = reader.flag(keys.mingle) ?? mingle
        trackStarted = reader.flag(keys.trackStarted) ?? trackStarted
        acceptContent = Self.acceptContent(reader) ?? acceptContent
        maxBodySize = reader.size(keys.maxBodySize, in: 1024...(2 << 30)) ?? maxBodySize
        processes = reader.integer(keys.processes, in: 1...1024)
        poolRestarts = reader.flag(keys.poolRestarts) ?? poolRestarts
        maxTasksPerChild = reader.optionalInteger(keys.maxTasksPerChild, in: 1...Int.max)?.value
        maxMemoryPerChild = reader.optionalInteger(keys.maxMemoryPerChild, in: 1...Int.max)?.value
        revokesMax = reader.integer(keys.revokesMax, in: 1...1_000_000) ?? revokesMax
        let lifetimes: ClosedRange<Duration> = .seconds(1) ... .seconds(365 * 86400)
        revokeExpires = reader.duration(keys.revokeExpires, in: lifetimes) ?? revokeExpires
        let modes = NativeDelayedDeliveryMode.self
        nativeDelayedDelivery = reader.choice(keys.nativeDelayedDelivery, of: modes) ?? nativeDelayedDelivery
        readLeases(reader)
    }

    private mutating func readLeases(_ reader: SettingsReader) {
        let keys = ConfigKeys.Worker.self
        leaseDuration =
            reader.duration(keys.leaseDuration, in: .milliseconds(300) ... .seconds(86_400)) ?? leaseDuration
        leaseCheck = reader.duration(keys.leaseCheck, in: .milliseconds(100) ... .seconds(3600)) ?? leaseCheck
        let lifetimes: ClosedRange<Duration> = .seconds(1) ... .seconds(365 * 86_400)
        checkpointExpires = reader.duration(keys.checkpointExpires, in: lifetimes) ?? checkpointExpires
        checkpointLimit = reader.size(keys.checkpointLimit, in: 1024...(256 << 20)) ?? checkpointLimit
    }

    /// Celery's names in any case, and swift-log's.
    private static func logLevel(_ reader: SettingsReader) -> Logger.Level? {
        guard let value = reader.text(ConfigKeys.Worker.logLevel) else { return nil }
        switch value.text.lowercased() {
        case "warn": return .warning
        case "fatal": return .critical
        case let name:
            if let level = Logger.Level(rawValue: name) { return level }
            let known = Logger.Level.allCases.map(\.rawValue)
            let hint = Suggestion.text(for: name, among: known)
            reader.problem("unknown level \(value.quoted); \(hint)", ConfigKeys.Worker.logLevel, at: value)
            return nil
        }
    }

    private static func autoscale(_ reader: SettingsReader) -> Autoscale? {
        guard let value = reader.text(ConfigKeys.Worker.autoscale) else { return nil }
        if let autoscale = Autoscale(value.text) { return autoscale }
        reader.problem(
            "must be the largest and the smallest number of tasks at once, e.g. 16,2, not \(value.quoted)",
            ConfigKeys.Worker.autoscale,
            at: value
        )
        return nil
    }

    private static func acceptContent(_ reader: SettingsReader) -> [String]? {
        let key = ConfigKeys.Worker.acceptContent
        let known = ["json", "msgpack", "yaml", "raw"]
        let types = [
            "application/json", "application/x-msgpack", "application/x-yaml", "application/data", "text/plain",
        ]
        guard let values = reader.values(key) else { return nil }
        for value in values where !known.contains(value.text) && !types.contains(value.text) {
            if ["pickle", "application/x-python-serialize"].contains(value.text) {
                reader.problem(
                    "pickle is refused, because unpacking it can run any code; let clients send json",
                    key,
                    at: value
                )
            } else {
                let hint = Suggestion.text(for: value.text, among: known)
                reader.problem("unknown serializer \(value.quoted); \(hint)", key, at: value)
            }
        }
        if values.isEmpty { reader.problem("must name at least one serializer, e.g. [json]", key) }
        return values.map(\.text)
    }
}
