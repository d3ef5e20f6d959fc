import CeleryProtocol
import Connections
import Synchronization

/// The mailbox's side on the thread that owns its connection.
final class ControlMailboxLoop: ReactorSource {
    private struct Open {
        var inquiry: ControlMailbox.Inquiry
        var answers: ControlMailbox.Inquiry.Answers
        var deadline: MonotonicTime
        var count = 0
    }

    private static let channel: UInt16 = 1
    /// kombu declares its queues with these (`celery/app/defaults.py`, `control_queue_expires`, `control_queue_ttl`).
    private static let queueArguments: [String: AMQPArgument] = [
        "x-expires": .integer(10_000), "x-message-ttl": .integer(300_000),
    ]

    private let session: AMQPSession
    private let inbox: ControlMailbox.Inbox
    private let accept: AcceptContent
    private let brokers: Int
    private let oid = TaskID.make()
    private let clock = LamportClock()
    private var waiting: [ControlMailbox.Inquiry] = []
    /// Requests whose answers are gathered, by ticket.
    private var open: [String: Open] = [:]
    /// Requests without answers that the broker has not confirmed, by delivery tag.
    private var unconfirmed: [UInt64: ControlMailbox.Inquiry] = [:]
    private var published: UInt64 = 0
    private var failures = 0
    private var lastError: AMQPError?

    init(_ session: AMQPSession, inbox: ControlMailbox.Inbox, accept: AcceptContent, brokers: Int) {
        self.session = session
        self.inbox = inbox
        self.accept = accept
        self.brokers = brokers
        session.delegate = self
    }

    var interest: ReactorInterest? { session.interest }

    func turn(now: MonotonicTime, ready: ReactorEvents) -> MonotonicTime {
        waiting += inbox.takeAll()
        var deadline = MonotonicTime.distantFuture
        // The connection is made on demand: a process that asks nothing holds none.
        if session.connection != nil || !waiting.isEmpty { deadline = session.turn(now: now, ready: ready) }
        if let connection = session.connection { send(on: connection) }
        return min(deadline, dropOverdue(.now))
    }

    func shutDown() {
        session.close()
        fail(waiting + inbox.takeAll() + unconfirmed.values + open.values.map(\.inquiry), ControlMailbox.stopped)
        waiting = []
        unconfirmed = [:]
        open = [:]
    }

    private func fail(_ inquiries: [ControlMailbox.Inquiry], _ error: AMQPError) {
        for inquiry in inquiries { inquiry.done(error) }
    }

    // MARK: Sending

    private func send(on connection: AMQPConnection) {
        do throws(AMQPError) {
            while let next = waiting.first {
                try publish(next, on: connection)
                waiting.removeFirst()
            }
        } catch {
            session.lose(error)
        }
    }

    private func publish(_ inquiry: ControlMailbox.Inquiry, on connection: AMQPConnection) throws(AMQPError) {
        var request = inquiry.request
        request.clock = clock.forward()
        var expires = 0.0
        if let answers = inquiry.answers {
            let ticket = TaskID.make()
            request.ticket = ticket
            request.replyTo = .init(exchange: ControlRequest.replyExchange, routingKey: oid)
            expires = WallClock.seconds + answers.timeout.secondsValue
            let deadline = MonotonicTime.now.advanced(by: answers.timeout)
            open[ticket] = Open(inquiry: inquiry, answers: answers, deadline: deadline)
        }
        published += 1
        if inquiry.answers == nil { unconfirmed[published] = inquiry }
        try connection.publish(
            exchange: ControlRequest.exchange,
            routingKey: "",
            mandatory: false,
            properties: request.properties(expires: expires),
            body: request.body,
            channel: Self.channel
        )
    }

    /// Returns when the next one is overdue.
    private func dropOverdue(_ now: MonotonicTime) -> MonotonicTime {
        for (ticket, entry) in open where entry.deadline <= now {
            open[ticket] = nil
            entry.inquiry.done(nil)
        }
        let late = waiting.filter { $0.deadline <= now } + unconfirmed.values.filter { $0.deadline <= now }
        if !late.isEmpty {
            waiting.removeAll { $0.deadline <= now }
            unconfirmed = unconfirmed.filter { $0.value.deadline > now }
            let reason = "the broker did not take the request in time"
            fail(late, lastError ?? AMQPError(.timedOut, attempt: "asking the workers", reason: reason))
        }
        let deadlines = open.values.map(\.deadline) + waiting.map(\.deadline) + unconfirmed.values.map(\.deadline)
        return deadlines.min() ?? .distantFuture
    }
}

extension ControlMailboxLoop: AMQPSessionDelegate {
    func sessionDidConnect(_ connection: AMQPConnection) throws(AMQPError) {
        let (channel, queue) = (Self.channel, ControlRequest.replyQueue(of: oid))
        try connection.openChannel(channel)
        try connection.declareExchange(ControlRequest.exchange, type: "fanout", durable: false, channel: channel)
        try connection.declareExchange(ControlRequest.replyExchange, durable: false, channel: channel)
        _ = try connection.declareQueue(
            queue,
            durable: false,
            exclusive: true,
            autoDelete: true,
            arguments: Self.queueArguments,
            channel: channel
        )
        try connection.bindQueue(queue, exchange: ControlRequest.replyExchange, routingKey: oid, channel: channel)
        try connection.selectConfirms(channel: channel)
        try connection.consume(queue, consumerTag: oid, noAck: true, channel: channel)
        published = 0
        failures = 0
        lastError = nil
    }

    func session(_ connection: AMQPConnection, received batch: AMQPDeliveryBatch) {
        for delivery in batch.deliveries {
            let replies = try? ControlReply.decode(
                properties: delivery.properties,
                body: delivery.body,
                in: batch.bytes,
                accept: accept
            )
            for reply in replies ?? [] { take(reply) }
        }
    }

    private func take(_ reply: ControlReply) {
        clock.adjust(reply.clock)
        // Answers of workers so old that they do not repeat the ticket can only be told apart when one request is open.
        guard let ticket = reply.ticket ?? (open.count == 1 ? open.keys.first : nil), var entry = open[ticket] else {
            return
        }
        entry.answers.take(reply)
        entry.count += 1
        open[ticket] = entry
        guard let limit = entry.answers.limit, entry.count >= limit else { return }
        open[ticket] = nil
        entry.inquiry.done(nil)
    }

    func session(_ connection: AMQPConnection, received event: AMQPEvent) throws(AMQPError) {
        switch event {
        case .confirmed(_, let tag, let multiple): settle(tag, multiple, nil)
        case .nacked(_, let tag, let multiple):
            settle(tag, multiple, AMQPError(.nacked, attempt: "asking the workers", reason: "the broker refused"))
        case .channelClosed(_, let error): throw error
        case .consumerCancelled:
            throw AMQPError(.connectionLost(0), attempt: "asking the workers", reason: "the reply queue is gone")
        case .blocked, .unblocked, .returned: break
        }
    }

    private func settle(_ tag: UInt64, _ multiple: Bool, _ error: AMQPError?) {
        for known in unconfirmed.keys where known == tag || multiple && known < tag {
            unconfirmed.removeValue(forKey: known)?.done(error)
        }
    }

    func sessionDidLose(_ error: AMQPError) {
        lastError = error
        fail(open.values.map(\.inquiry), error)
        open = [:]
        // Commands may arrive twice, which does no harm; and must not get lost.
        waiting = unconfirmed.sorted { $0.key < $1.key }.map(\.value) + waiting
        unconfirmed = [:]
    }

    /// Gives up when no broker of the list is there, or at once when one refuses us.
    func sessionCannotConnect(_ error: AMQPError) {
        lastError = error
        failures += 1
        guard failures >= brokers || error.code == .accessRefused else { return }
        failures = 0
        fail(waiting, error)
        waiting = []
    }
}
