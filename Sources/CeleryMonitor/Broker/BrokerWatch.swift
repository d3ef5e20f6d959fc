import CeleryWorker
import Connections
import Foundation
import Logging
import Synchronization

/// Asks the broker again and again how its queues are, and keeps the newest answer.
///
/// The management API tells everything. Where none is configured, or it does not answer, the depths of the queues of
/// queues.yaml come from passive declarations over AMQP.
final class BrokerWatch: Sendable {
    private let management: RabbitMQManagement?
    private let virtualHost: String
    private let catalogue: QueueCatalogue
    private let settings: MonitorSettings
    private let history: History
    private let changes: ChangeHub
    private let calls: AMQPPublisher
    let paused: PausedQueues
    let findings = FindingsKeeper()
    private let state = Mutex(BrokerPicture())

    init(celery: Celery, settings: MonitorSettings, history: History, changes: ChangeHub) {
        let configuration = celery.configuration
        management = configuration.management.url.map {
            RabbitMQManagement(url: $0, timeout: min(configuration.management.timeout, .seconds(5)))
        }
        virtualHost = configuration.broker.urls.first?.virtualHost ?? "/"
        catalogue = configuration.catalogue
        self.settings = settings
        self.history = history
        self.changes = changes
        paused = PausedQueues(configuration)
        // A broker that is down is shown on the pages; a log line every few seconds would say it again.
        calls = AMQPPublisher(
            urls: configuration.broker.urls,
            options: configuration.amqpOptions(name: "chard monitor"),
            logger: Logger(label: "chard.monitor.broker") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Whether the settings name a management API.
    var hasManagement: Bool { management != nil }

    var picture: BrokerPicture { state.withLock { $0 } }

    func queue(_ name: String) -> QueuePicture? { picture.queues.first { $0.name == name } }

    /// Watches until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            await look()
            try? await Task.sleep(for: settings.brokerInterval)
        }
    }

    /// Asks once, now.
    func look() async {
        await paused.refresh()
        var new = await ask()
        for index in new.queues.indices { complete(&new.queues[index]) }
        let targets = Set(new.queues.filter { !QueueNaming.isInternal($0.name) }.compactMap(\.deadLetterTarget))
        for index in new.queues.indices where targets.contains(new.queues[index].name) {
            new.queues[index].isDeadLetterTarget = !new.queues[index].isConfigured
        }
        await findOldest(&new)
        new.queues.sort {
            ($0.isConfigured ? 0 : 1, -($0.priority ?? 0), $0.name) < (
                $1.isConfigured ? 0 : 1, -($1.priority ?? 0), $1.name
            )
        }
        state.withLock { [new] in $0 = new }
        if new.problem == nil || new.isPartial { try? await history.add(samples(new)) }
        changes.announce(.queues)
    }

    /// Whether the queue holds dead letters, so that it may be read.
    func isDeadLetterQueue(_ name: String) -> Bool { queue(name)?.isDeadLetters ?? QueueNaming.isDeadLetter(name) }

    /// What is in the queue now, over AMQP; nil when there is no such queue.
    func status(_ name: String) async throws -> QueueStatus? {
        do throws(AMQPError) {
            return try await calls.perform(timeout: .seconds(5)) { (connection, channel) throws(AMQPError) in
                let answer = try connection.declareQueue(name, passive: true, channel: channel)
                return QueueStatus(messages: answer.messages, consumers: answer.consumers)
            }
        } catch  where error.code == .channelClosed(404) {
            return nil
        }
    }

    /// Drops what waits in the queue and says how many messages that were; nil when there is no such queue.
    func purge(_ name: String) async throws -> Int? {
        do throws(AMQPError) {
            return try await calls.perform { (connection, channel) throws(AMQPError) in
                try connection.purgeQueue(name, channel: channel)
            }
        } catch  where error.code == .channelClosed(404) {
            return nil
        }
    }

    // MARK: Asking

    private func ask() async -> BrokerPicture {
        guard let management else {
            return await askOverAMQP(
                "No management API is configured, so only the depths of the configured queues are known.",
                "Name it with management.url in queues.yaml or CHARD_MANAGEMENT_URL, e.g. http://user:password@host:15672."
            )
        }
        do {
            return try await ask(management)
        } catch {
            return await askOverAMQP(
                "The management API does not answer: \(error).",
                "Figures below are the depths that AMQP tells."
            )
        }
    }

    private func ask(_ management: RabbitMQManagement) async throws(ManagementError) -> BrokerPicture {
        let overview = try await management.overview()
        let queues = try await management.queues(virtualHost: virtualHost)
        var new = BrokerPicture()
        new.time = Date().timeIntervalSince1970
        new.version = overview.version
        new.erlangVersion = overview.erlangVersion
        new.clusterName = overview.clusterName
        new.connections = overview.objects?.connections
        new.channels = overview.objects?.channels
        new.queues = queues.map(QueuePicture.init)
        do throws(ManagementError) {
            new.nodes = try await management.nodes()
        } catch {
            new.nodesProblem = error.description
        }
        new.alarms = new.nodes.flatMap(\.alarmTexts)
        return new
    }

    private func askOverAMQP(_ problem: String, _ advice: String) async -> BrokerPicture {
        let names = (catalogue.queues + (catalogue.partitions?.queues ?? [])).flatMap { queue in
            queue.deadLetter ? [queue.name, queue.deadLetterQueue] : [queue.name]
        }
        var new = BrokerPicture()
        new.problem = problem
        new.advice = advice
        do {
            let (version, found) = try await calls.perform(timeout: .seconds(5)) {
                (connection, channel) throws(AMQPError) in
                var found: [AMQPQueueStatus] = []
                for name in Set(names).sorted() {
                    do throws(AMQPError) {
                        found.append(try connection.declareQueue(name, passive: true, channel: channel))
                    } catch  where error.code == .channelClosed(404) {
                        try connection.openChannel(channel)
                    }
                }
                return (connection.brokerVersion, found)
            }
            new.time = Date().timeIntervalSince1970
            new.isPartial = true
            new.version = version.isEmpty ? nil : version
            new.queues = found.map(QueuePicture.init)
        } catch {
            let last = picture
            new = last
            new.isPartial = false
            new.problem = "The broker does not answer: \(error)."
            new.advice =
                last.time > 0 ? "The figures are the last that were known." : "Start it, or correct broker.url."
        }
        return new
    }

    private func complete(_ queue: inout QueuePicture) {
        let configured = catalogue[queue.name]
        queue.isConfigured = configured != nil
        queue.priority = configured?.priority
        queue.isPaused = paused.all[queue.name] != nil
    }

    /// Where messages carry no time, the events may know the oldest task that waits. Nothing is taken out of a queue to
    /// look at it: that would mark it as redelivered.
    private func findOldest(_ picture: inout BrokerPicture) async {
        let unknown = picture.queues.indices.filter { index in
            let queue = picture.queues[index]
            return queue.oldest == nil && queue.ready > 0 && !QueueNaming.isInternal(queue.name)
                && !queue.isDeadLetters
        }
        for index in unknown.prefix(50) {
            var filter = TaskFilter(states: ["PENDING"], queue: picture.queues[index].name)
            filter.order = .received
            filter.isDescending = false
            let page = try? await history.tasks(filter, after: nil, limit: 1)
            guard let task = page?.tasks.first, let time = task.sent ?? task.received else { continue }
            picture.queues[index].oldest = time
            picture.queues[index].oldestIsOfEvents = true
        }
    }

    private func samples(_ picture: BrokerPicture) -> [QueueSample] {
        picture.queues.filter { !QueueNaming.isInternal($0.name) }.prefix(1000).map { queue in
            QueueSample(
                queue: queue.name,
                time: picture.time,
                ready: queue.ready,
                unacknowledged: queue.unacknowledged,
                consumers: queue.consumers,
                published: queue.published,
                delivered: queue.delivered
            )
        }
    }
}
