extension PartitionSettings {
    /// Reads the section `partitions`; nil when the file has none, and then nothing is partitioned.
    init?(reading root: SettingsReader, defaults: QueueDefaults, worker: WorkerSettings) {
        let keys = ConfigKeys.Partitions.self
        guard root.has(ConfigKeys.Root.partitions) else { return nil }
        let reader = root.section(ConfigKeys.Root.partitions, known: keys.all)
        self.init(exchange: reader.text(keys.exchange)?.text ?? "ai.tasks")
        QueueNames.check(name(999), reader: reader, key: keys.exchange)
        count = reader.integer(keys.count, in: 1...1000) ?? count
        agentKey = reader.text(keys.agent)?.text ?? agentKey
        keyPrefix = reader.text(keys.keyPrefix)?.text ?? keyPrefix
        var own = defaults
        // One after the other, whatever queues do otherwise.
        (own.concurrency, own.prefetch) = (template.concurrency, template.prefetch)
        template = QueueSettings(name: exchange, reading: reader, defaults: own, worker: worker)
        routes = template.routes
        readTimes(reader)
    }

    private mutating func readTimes(_ reader: SettingsReader) {
        let keys = ConfigKeys.Partitions.self
        heartbeat = reader.duration(keys.heartbeat, in: .milliseconds(100) ... .seconds(60)) ?? heartbeat
        let ownExpiry = reader.duration(keys.expires, in: .milliseconds(300) ... .seconds(3600))
        expires = ownExpiry ?? max(expires, heartbeat * 5)
        guard expires < heartbeat * 3 else { return }
        reader.problem(
            "must be at least three heartbeats (\((heartbeat * 3).settingText)), or a slow answer of Redis moves "
                + "partitions; not \(expires.settingText)",
            keys.expires
        )
    }

    /// Notes what of other queues' names and routes cannot be beside this.
    func check(against queues: [QueueSettings], root: SettingsReader) {
        let keys = ConfigKeys.Partitions.self
        let reader = root.section(ConfigKeys.Root.partitions, known: nil)
        for queue in queues {
            if queue.name == exchange || partition(named: queue.name) != nil {
                reader.problem(
                    "queue \(queue.name) has the name of a partition; choose another exchange",
                    keys.exchange
                )
            }
            for route in queue.routes where routes.contains(route) {
                reader.problem(
                    "route \"\(route)\" belongs to queue \(queue.name) already; a task can go to one queue only",
                    keys.routes
                )
            }
        }
    }
}
