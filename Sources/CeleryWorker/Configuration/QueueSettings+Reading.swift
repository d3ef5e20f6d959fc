/// What queues inherit, and which of it somebody chose.
struct QueueDefaults {
    /// Carries the name of the default queue.
    var queue: QueueSettings
    var concurrency: Int?
    var prefetch: Int?

    init(reading reader: SettingsReader, worker: WorkerSettings) {
        var template = QueueSettings(name: reader.text(ConfigKeys.Queue.queue)?.text ?? "celery")
        QueueNames.check(template.name, reader: reader, key: ConfigKeys.Queue.queue)
        concurrency = reader.integer(ConfigKeys.Queue.concurrency, in: 1...65535)
        prefetch = reader.integer(ConfigKeys.Queue.prefetch, in: 0...65535)
        template.read(reader)
        queue = template
        queue.setWindow(self, own: (concurrency, prefetch), reader: reader, worker: worker)
    }
}

extension QueueSettings {
    private typealias Keys = ConfigKeys.Queue

    init(name: String, reading reader: SettingsReader, defaults: QueueDefaults, worker: WorkerSettings) {
        self = defaults.queue
        self.name = name
        routingKey = reader.text(Keys.routingKey)?.text ?? name
        if routingKey.utf8.count > 255 { reader.problem("must be at most 255 bytes long", Keys.routingKey) }
        routes = (reader.values(Keys.routes) ?? []).map { GlobPattern($0.text) }
        let concurrency = reader.integer(Keys.concurrency, in: 1...65535)
        let prefetch = reader.integer(Keys.prefetch, in: 0...65535)
        setWindow(defaults, own: (concurrency, prefetch), reader: reader, worker: worker)
        read(reader)
    }

    /// Reads what stands alike in `defaults` and in a queue; what is silent stays as it is.
    fileprivate mutating func read(_ reader: SettingsReader) {
        priority = reader.integer(Keys.priority, in: 0...255) ?? priority
        delivery = reader.choice(Keys.delivery, of: DeliveryMode.self) ?? delivery
        maxDeliveries = reader.integer(Keys.maxDeliveries, in: 1...1000) ?? maxDeliveries
        deadLetter = reader.flag(Keys.deadLetter) ?? deadLetter
        rejectOnWorkerLost = reader.flag(Keys.rejectOnWorkerLost) ?? rejectOnWorkerLost
        let retrySection = reader.section(Keys.retry, known: ConfigKeys.Retry.all)
        retry = retry.applying(RetrySettings.Overrides(reading: retrySection))
        readTimeLimits(reader)
        readKind(reader)
        let ttlRange: ClosedRange<Duration> = .milliseconds(1) ... .seconds(365 * 86400)
        if let ttl = reader.optionalDuration(Keys.messageTTL, in: ttlRange) { messageTTL = ttl.value }
        if let length = reader.optionalInteger(Keys.maxLength, in: 1...Int.max) { maxLength = length.value }
    }

    private mutating func readTimeLimits(_ reader: SettingsReader) {
        let soft = reader.optionalDuration(Keys.softTimeLimit, in: .timeLimits)
        let hard = reader.optionalDuration(Keys.timeLimit, in: .timeLimits)
        if let soft { softTimeLimit = soft.value }
        if let hard { timeLimit = hard.value }
        guard soft != nil || hard != nil, let softTimeLimit, let timeLimit, softTimeLimit >= timeLimit else { return }
        reader.problem(
            "must be longer than soft_time_limit, but \(timeLimit.settingText) is not longer than "
                + "\(softTimeLimit.settingText)",
            hard == nil ? Keys.softTimeLimit : Keys.timeLimit
        )
    }

    private mutating func readKind(_ reader: SettingsReader) {
        exchangeType = reader.choice(Keys.exchangeType, of: ExchangeType.self) ?? exchangeType
        let ownKind = reader.choice(Keys.type, of: Kind.self)
        let ownReplication = reader.choice(Keys.replication, of: Replication.self)
        replication = ownReplication ?? replication
        kind = ownKind ?? (replication == .quorum ? .quorum : kind)
        if let setting = reader.optionalInteger(Keys.maxPriority, in: 1...255) { maxPriority = setting.value }
        switch (kind, replication) {
        case (.classic, .quorum):
            reader.problem(
                "classic queues can't be replicated by quorum; write type: quorum or replication: mirrored",
                Keys.type
            )
        case (.quorum, .mirrored):
            let key = ownReplication == nil ? Keys.type : Keys.replication
            reader.problem("only classic queues can be mirrored; write replication: quorum", key)
        default: break
        }
        if kind == .quorum, maxPriority != nil {
            let key = reader.has(Keys.maxPriority) ? Keys.maxPriority : Keys.type
            reader.problem("quorum queues have no max_priority; write type: classic, or max_priority: none", key)
        }
    }

    /// Sets concurrency and prefetch, the nearest layer first.
    fileprivate mutating func setWindow(
        _ defaults: QueueDefaults,
        own: (concurrency: Int?, prefetch: Int?),
        reader: SettingsReader,
        worker: WorkerSettings
    ) {
        concurrency = own.concurrency ?? defaults.concurrency ?? worker.concurrency ?? 8
        let multiplied = worker.prefetchMultiplier.map {
            min($0.multipliedReportingOverflow(by: concurrency).partialValue, 65535)
        }
        if worker.isPrefetchMultiplierForced, let multiplied {
            prefetch = multiplied
        } else if let chosen = own.prefetch {
            prefetch = chosen
            if chosen != 0, chosen < concurrency {
                reader.problem(
                    "must be at least the concurrency, \(concurrency), or slots stay idle; not \(chosen)",
                    Keys.prefetch
                )
            }
        } else if let multiplied {
            prefetch = multiplied
        } else {
            let inherited = defaults.prefetch ?? 64
            prefetch = inherited == 0 ? 0 : max(inherited, concurrency)
        }
    }
}

extension ClosedRange<Duration> {
    static var timeLimits: ClosedRange<Duration> { .milliseconds(1) ... .seconds(30 * 86400) }
}
