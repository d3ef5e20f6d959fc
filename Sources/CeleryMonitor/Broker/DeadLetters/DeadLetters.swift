import CeleryWorker
import Connections
import Foundation
import Logging
import Synchronization

/// The messages that could not be run: reads them without taking them away, requeues and drops them.
///
/// A reader takes messages without acknowledging them and closes its channel, upon which the broker puts them back to
/// their places. That happens at most every few seconds, however many look.
final class DeadLetters: Sendable {
    private struct State {
        var snapshots: [String: DeadSnapshot] = [:]
        var work: [String: Task<DeadSnapshot, any Error>] = [:]
        var jobs: [DeadJob] = []
        var nextJob = 1

        func isBusy(_ queue: String) -> Bool {
            jobs.contains { $0.order.queue == queue && $0.progress.isRunning }
        }
    }

    private static let keptSnapshots = 4
    private static let keptJobs = 50
    private static let channel: UInt16 = 7

    private let configuration: WorkerConfiguration
    private let broker: BrokerWatch
    private let changes: ChangeHub
    private let reader: AMQPPublisher
    private let state = Mutex(State())

    init(celery: Celery, broker: BrokerWatch, changes: ChangeHub) {
        configuration = celery.configuration
        self.broker = broker
        self.changes = changes
        reader = Self.connection(celery.configuration)
    }

    static func connection(_ configuration: WorkerConfiguration) -> AMQPPublisher {
        AMQPPublisher(
            urls: configuration.broker.urls,
            options: configuration.amqpOptions(name: "chard monitor dead letters"),
            logger: Logger(label: "chard.monitor.dead-letters") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    // MARK: Reading

    /// What is in the queue of dead letters, not older than `age` seconds; while a job works on it, what was last read.
    ///
    /// - Throws: `AMQPError`, with code `channelClosed(404)` when there is no such queue.
    func snapshot(of queue: String, age: Double) async throws -> DeadSnapshot {
        guard broker.isDeadLetterQueue(queue) else {
            throw PageError.badRequest("\(queue) is no queue of dead letters, and others are not read")
        }
        let now = Date().timeIntervalSince1970
        let (ready, work) = state.withLock { state -> (DeadSnapshot?, Task<DeadSnapshot, any Error>?) in
            let known = state.snapshots[queue]
            if state.isBusy(queue) || now - (known?.time ?? 0) < age { return (known, nil) }
            if let running = state.work[queue] { return (nil, running) }
            let new = Task { try await self.read(queue) }
            state.work[queue] = new
            return (nil, new)
        }
        if let ready { return ready }
        guard let work else { return DeadSnapshot(queue: queue, time: now, letters: [], unread: 0) }
        return try await work.value
    }

    /// The message, with as much of its body as is kept; nil when it is no longer there.
    func message(_ key: String, in queue: String) async throws -> DeadMessage? {
        try await snapshot(of: queue, age: 5).letters.first { $0.key == key }
    }

    /// All bytes of a message's body; nil when it is no longer there.
    func wholeBody(_ key: String, in queue: String) async throws -> [UInt8]? {
        guard let known = try await message(key, in: queue) else { return nil }
        if !known.isCut { return known.body }
        let limit = deliveryLimit(of: queue)
        return try await reader.perform { (connection, channel) throws(AMQPError) -> [UInt8]? in
            try connection.selectConfirms(channel: channel)
            var dead = DeadChannel(connection: connection, channel: channel, queue: queue, deliveryLimit: limit)
            var (count, body) = (0, [UInt8]?.none)
            while body == nil, count < DeadSnapshot.maxCount, let (tag, message, batch) = try dead.next() {
                count += 1
                if message.key == key, let delivery = batch.deliveries.first {
                    body = Array(batch.bytes[delivery.body])
                }
                _ = try dead.renewIfWorn(tag, message, batch)
            }
            return body
        }
    }

    /// Makes the next look a new one.
    func expire(_ queue: String) { state.withLock { $0.snapshots[queue] = nil } }

    private func read(_ queue: String) async throws -> DeadSnapshot {
        defer { state.withLock { $0.work[queue] = nil } }
        let limit = deliveryLimit(of: queue)
        let (letters, unread) = try await reader.perform {
            (connection, channel) throws(AMQPError) -> ([DeadMessage], Int) in
            let count = try connection.declareQueue(queue, passive: true, channel: channel).messages
            try connection.selectConfirms(channel: channel)
            var dead = DeadChannel(connection: connection, channel: channel, queue: queue, deliveryLimit: limit)
            var (letters, bytes) = ([DeadMessage](), 0)
            while letters.count < min(count, DeadSnapshot.maxCount), bytes < DeadSnapshot.maxBytes,
                let (tag, message, batch) = try dead.next()
            {
                letters.append(message)
                bytes += message.body.count
                _ = try dead.renewIfWorn(tag, message, batch)
            }
            return (letters, max(0, count - letters.count))
        }
        let new = DeadSnapshot(queue: queue, time: Date().timeIntervalSince1970, letters: letters, unread: unread)
        state.withLock { state in
            state.snapshots[queue] = new
            while state.snapshots.count > Self.keptSnapshots,
                let oldest = state.snapshots.min(by: { $0.value.time < $1.value.time })?.key
            {
                state.snapshots[oldest] = nil
            }
        }
        return new
    }

    /// As the management API tells. Without it a queue may have any: half of two is one.
    func deliveryLimit(of queue: String) -> Int? {
        guard let found = broker.queue(queue), !broker.picture.isPartial else { return 2 }
        return found.deliveryLimit(brokerVersion: broker.picture.version.flatMap(RabbitMQVersion.init))
    }

    // MARK: Jobs

    /// The newest first.
    func jobs(of queue: String? = nil) -> [DeadJob] {
        state.withLock { $0.jobs.filter { queue == nil || $0.order.queue == queue }.reversed() }
    }

    /// Begins to requeue or drop, and returns when it has ended, or after `patience`.
    ///
    /// - Throws: `PageError.badRequest` while another job works on the same queue.
    func start(_ order: DeadOrder, patience: Duration = .seconds(2)) async throws -> DeadJob {
        guard broker.isDeadLetterQueue(order.queue) else {
            throw PageError.badRequest("\(order.queue) is no queue of dead letters, and others are not touched")
        }
        let job = try state.withLock { state -> DeadJob in
            guard !state.isBusy(order.queue) else {
                throw PageError.badRequest("another job works on \(order.queue); wait for its end or cancel it")
            }
            let job = DeadJob(id: state.nextJob, order: order, deliveryLimit: deliveryLimit(of: order.queue))
            state.nextJob += 1
            state.jobs.append(job)
            if state.jobs.count > Self.keptJobs { state.jobs.removeFirst(state.jobs.count - Self.keptJobs) }
            return job
        }
        let work = Task {
            await job.run(Self.connection(configuration)) { self.changes.announce(.queues) }
            self.expire(order.queue)
            await self.broker.look()
        }
        let waiting = Task { try? await Task.sleep(for: patience) }
        let early = Task {
            await work.value
            waiting.cancel()
        }
        _ = await waiting.value
        early.cancel()
        return job
    }

    func cancel(_ id: Int) -> Bool {
        state.withLock { $0.jobs.first { $0.id == id } }?.cancel() ?? false
    }
}
