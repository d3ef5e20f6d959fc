import CeleryProtocol
import Connections
import Foundation
import OrderedCollections
import Synchronization

/// Requeues or drops dead letters, one batch after another, until those that were there at its beginning are done.
///
/// A message is acknowledged only after the broker has confirmed its copy in the other queue, so that nothing is lost
/// whenever this process dies; what was copied and not yet acknowledged comes twice.
final class DeadJob: Sendable {
    struct Progress: Sendable, Hashable {
        /// Those that were in the queue when it began.
        var total: Int?
        var seen = 0
        var done = 0
        /// Left where they are, since their queue is not there.
        var refused = 0
        /// Why it ended before all was done, or why it waits.
        var problem: String?
        var isRunning = true
        var isCancelled = false
        /// Seconds since 1970.
        var ended: Double?
        /// Where the last one went.
        var target: String?
    }

    let id: Int
    let order: DeadOrder
    /// Seconds since 1970.
    let started = Date().timeIntervalSince1970
    private let deliveryLimit: Int?
    private let state = Mutex(Progress())

    private static let channel: UInt16 = 7
    /// How many are under way at once.
    private static let batch = 50
    private static let tries = 20

    init(id: Int, order: DeadOrder, deliveryLimit: Int?) {
        self.id = id
        self.order = order
        self.deliveryLimit = deliveryLimit
    }

    var progress: Progress { state.withLock { $0 } }

    /// Ends it after the batch that is under way.
    func cancel() -> Bool {
        state.withLock { progress in
            guard progress.isRunning else { return false }
            progress.isCancelled = true
            return true
        }
    }

    /// - Parameter changed: Called after each batch.
    func run(_ connection: AMQPPublisher, changed: @Sendable () -> Void) async {
        var failures = 0
        while !progress.isCancelled, failures < Self.tries {
            do {
                try await session(connection, changed)
                state.withLock { $0.problem = nil }
                break
            } catch {
                failures += 1
                state.withLock { $0.problem = "\(error)" }
                changed()
                guard (error as? AMQPError)?.endsConnection == true else { break }
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
        connection.stop()
        state.withLock { progress in
            progress.isRunning = false
            progress.ended = Date().timeIntervalSince1970
        }
        changed()
    }

    /// What a connection lives to see; a new one begins at the head of the queue again.
    private func session(_ connection: AMQPPublisher, _ changed: @Sendable () -> Void) async throws {
        let queue = order.queue
        let there = try await connection.perform { (connection, _) throws(AMQPError) in
            try connection.openChannel(Self.channel)
            try connection.selectConfirms(channel: Self.channel)
            return try connection.declareQueue(queue, passive: true, channel: Self.channel).messages
        }
        let limit = state.withLock { progress -> Int in
            let rest = progress.total.map { max(0, $0 - progress.done) } ?? there
            progress.total = progress.total ?? there
            return min(rest, there)
        }
        var (seen, published, isOver) = (0, UInt64(0), false)
        while seen < limit, !isOver, !progress.isCancelled {
            let size = min(order.rate.map { max(1, min(Self.batch, Int($0 / 4))) } ?? Self.batch, limit - seen)
            let begin = ContinuousClock.now
            let (count, tag, done, ended) = try await connection.perform {
                [published] (connection, _) throws(AMQPError) in
                try self.step(connection, size, published)
            }
            seen += count
            published = tag
            isOver = ended
            changed()
            if let rate = order.rate, done > 0 {
                try? await Task.sleep(until: begin + .seconds(Double(done) / rate), clock: .continuous)
            }
        }
        // Closing it in order lets the acknowledgements arrive before what is left goes back.
        try await connection.perform { (connection, _) in connection.closeChannel(Self.channel) }
    }

    /// One batch: take, send on, wait for the confirms, acknowledge.
    private func step(
        _ connection: AMQPConnection,
        _ size: Int,
        _ published: UInt64
    ) throws(AMQPError) -> (seen: Int, published: UInt64, done: Int, isOver: Bool) {
        var dead = DeadChannel(
            connection: connection,
            channel: Self.channel,
            queue: order.queue,
            deliveryLimit: deliveryLimit,
            published: published
        )
        var chosen: [(tag: UInt64, message: AMQPMessage)] = []
        var (seen, isOver) = (0, false)
        while seen < size, !isOver {
            guard let (tag, message, batch) = try dead.next() else {
                isOver = true
                break
            }
            seen += 1
            if order.selects(message) {
                chosen.append((tag, order.publication(of: message, batch)))
                if case .one = order.selection { isOver = true }
            } else {
                _ = try dead.renewIfWorn(tag, message, batch)
            }
        }
        let refused = order.deed.isDrop ? [] : try dead.publish(chosen.map(\.message))
        try dead.acknowledge(chosen.indices.filter { !refused.contains($0) }.map { chosen[$0].tag })
        let done = chosen.count - refused.count
        state.withLock { progress in
            progress.seen += seen
            progress.done += done
            progress.refused += refused.count
            if let last = chosen.last { progress.target = last.message.routingKey }
        }
        return (seen, dead.published, done, isOver)
    }
}

extension DeadOrder {
    /// The message as it goes back to its queue, with its own bytes unless it was edited.
    func publication(of message: DeadMessage, _ batch: AMQPDeliveryBatch) -> AMQPMessage {
        var body = batch.deliveries.first.map { Array(batch.bytes[$0.body]) } ?? []
        var properties = message.propertyBytes
        if var decoded = message.properties {
            var headers = decoded.headers ?? [:]
            if case .requeue(let edit?) = deed {
                headers = edit.headers
                headers[DeadHeaders.requeuesName] = decoded.headers?[DeadHeaders.requeuesName]
                body = edit.body
            }
            decoded.headers = DeadHeaders.forRequeue(headers)
            // The broker refuses another user's name.
            decoded.userID = nil
            properties = (try? decoded.encoded()) ?? properties
        }
        return AMQPMessage(exchange: "", routingKey: message.source, properties: properties, body: body)
    }
}

extension DeadJob {
    /// What came of it, or how far it is, in one line.
    var line: String {
        let progress = progress
        let verb = order.deed.isDrop ? "dropped" : "requeued"
        var text =
            progress.isRunning ? "\(progress.done) \(verb)" : "\(Format.number(progress.done, "message")) \(verb)"
        if let total = progress.total, progress.isRunning { text += ", \(progress.seen) of \(total) looked at" }
        if !order.deed.isDrop, let target = progress.target { text += " to \(target)" }
        if progress.refused > 0 { text += "; \(progress.refused) left, because their queue is not there" }
        if progress.isCancelled { text += progress.isRunning ? "; being cancelled" : "; cancelled" }
        if let problem = progress.problem { text += "; \(progress.isRunning ? "waiting" : "ended early"): \(problem)" }
        return text + "."
    }
}
