import DequeModule
internal import Logging
import Synchronization

/// The publisher's side on its reactor: sends, matches confirms and returns, and sends again after a reconnect.
final class AMQPPublisherLoop: ReactorSource, AMQPSessionDelegate {
    struct Publish: Sendable {
        var message: AMQPMessage
        var deadline: MonotonicTime
        /// Called once, on the reactor's thread; nil when the broker has confirmed.
        var done: @Sendable (AMQPError?) -> Void
    }

    struct Call: Sendable {
        var deadline: MonotonicTime
        /// Makes the call and returns what tells the caller; throws only when the connection is to be given up.
        var make: @Sendable (AMQPConnection, UInt16) throws(AMQPError) -> @Sendable () -> Void
        var fail: @Sendable (AMQPError) -> Void

        init(
            deadline: MonotonicTime,
            make: @escaping @Sendable (AMQPConnection, UInt16) throws(AMQPError) -> @Sendable () -> Void,
            fail: @escaping @Sendable (AMQPError) -> Void
        ) {
            self.deadline = deadline
            self.make = make
            self.fail = fail
        }
    }

    enum Request: Sendable {
        case publish(Publish)
        case perform(Call)

        var deadline: MonotonicTime {
            switch self {
            case .publish(let publish): publish.deadline
            case .perform(let call): call.deadline
            }
        }

        func fail(_ error: AMQPError) {
            switch self {
            case .publish(let publish): publish.done(error)
            case .perform(let call): call.fail(error)
            }
        }
    }

    private struct InFlight {
        var publish: Publish
        var returned: AMQPError?
        var isSettled = false
    }

    static let stopped = AMQPError(.invalid, attempt: "publishing", reason: "the publisher was stopped")
    private static let publishChannel: UInt16 = 1
    private static let callChannel: UInt16 = 2
    private static let window = 2000
    private static let deadlineCheck: Int64 = 100_000_000

    private let session: AMQPSession
    private let logger: Logger
    private let inbox: AMQPPublisher.SharedInbox
    private var waiting: Deque<Request> = []
    private var inFlight: Deque<InFlight> = []
    /// The delivery tag of the first of `inFlight`; tags count from 1 on each channel (AMQP 0-9-1, confirm extension).
    private var firstTag: UInt64 = 1
    private var isBlocked: String?
    private var lastError: AMQPError?
    private var nextDeadlineCheck = MonotonicTime(nanoseconds: 0)

    init(_ session: AMQPSession, inbox: AMQPPublisher.SharedInbox, logger: Logger) {
        self.session = session
        self.logger = logger
        self.inbox = inbox
        session.delegate = self
    }

    var interest: ReactorInterest? { session.interest }

    func turn(now: MonotonicTime, ready: ReactorEvents) -> MonotonicTime {
        waiting.append(
            contentsOf: inbox.requests.withLock { queue in
                defer { queue.removeAll() }
                return queue
            }
        )
        var deadline = MonotonicTime.distantFuture
        // The connection is made on demand: a process that never publishes holds none.
        if session.connection != nil || !waiting.isEmpty || !inFlight.isEmpty {
            deadline = session.turn(now: now, ready: ready)
        }
        if let connection = session.connection { send(on: connection) }
        return min(deadline, dropOverdue(now))
    }

    func shutDown() {
        session.close()
        let rest = inbox.requests.withLock { queue in
            defer { queue.removeAll() }
            return queue
        }
        for request in waiting { request.fail(Self.stopped) }
        for request in rest { request.fail(Self.stopped) }
        for publish in inFlight where !publish.isSettled { publish.publish.done(Self.stopped) }
        waiting = []
        inFlight = []
    }

    // MARK: Sending

    private func send(on connection: AMQPConnection) {
        do throws(AMQPError) {
            while let next = waiting.first {
                switch next {
                case .publish(let publish):
                    guard isBlocked == nil, inFlight.count < Self.window else { return }
                    waiting.removeFirst()
                    try send(publish, on: connection)
                case .perform(let call):
                    waiting.removeFirst()
                    try perform(call, on: connection)
                }
            }
        } catch {
            session.lose(error)
        }
    }

    private func send(_ publish: Publish, on connection: AMQPConnection) throws(AMQPError) {
        let message = publish.message
        inFlight.append(InFlight(publish: publish))
        do throws(AMQPError) {
            try connection.publish(
                exchange: message.exchange,
                routingKey: message.routingKey,
                mandatory: message.mandatory,
                properties: message.properties,
                body: message.body,
                channel: Self.publishChannel
            )
        } catch {
            guard case .invalid = error.code else { throw error }
            inFlight.removeLast()
            publish.done(error)
        }
    }

    private func perform(_ call: Call, on connection: AMQPConnection) throws(AMQPError) {
        do throws(AMQPError) {
            try connection.openChannel(Self.callChannel)
            let tell = try call.make(connection, Self.callChannel)
            connection.closeChannel(Self.callChannel)
            tell()
        } catch {
            call.fail(error)
            throw error
        }
    }

    private func dropOverdue(_ now: MonotonicTime) -> MonotonicTime {
        guard !waiting.isEmpty || !inFlight.isEmpty else { return .distantFuture }
        guard now >= nextDeadlineCheck else { return nextDeadlineCheck }
        nextDeadlineCheck = now.advanced(byNanoseconds: Self.deadlineCheck)
        waiting.removeAll { request in
            guard request.deadline <= now else { return false }
            request.fail(overdueError())
            return true
        }
        for index in inFlight.indices where !inFlight[index].isSettled && inFlight[index].publish.deadline <= now {
            inFlight[index].isSettled = true
            inFlight[index].publish.done(overdueError())
        }
        return nextDeadlineCheck
    }

    private func overdueError() -> AMQPError {
        if let isBlocked {
            return AMQPError(
                .blocked,
                attempt: "publishing",
                reason: "the broker has blocked publishers (\(isBlocked)); free memory or disk space on it"
            )
        }
        if session.connection == nil, let lastError { return lastError }
        return AMQPError(.timedOut, attempt: "publishing", reason: "the broker did not confirm in time")
    }

    // MARK: Session

    func sessionDidConnect(_ connection: AMQPConnection) throws(AMQPError) {
        try connection.openChannel(Self.publishChannel)
        try connection.selectConfirms(channel: Self.publishChannel)
        isBlocked = nil
        lastError = nil
        sendAgain()
    }

    /// Puts what was not confirmed in front of what waits; the tags begin at 1 again.
    private func sendAgain() {
        let unconfirmed = inFlight.filter { !$0.isSettled }.map { Request.publish($0.publish) }
        inFlight = []
        firstTag = 1
        waiting.insert(contentsOf: unconfirmed, at: 0)
    }

    func session(_ connection: AMQPConnection, received batch: AMQPDeliveryBatch) {}

    func session(_ connection: AMQPConnection, received event: AMQPEvent) throws(AMQPError) {
        switch event {
        case .confirmed(_, let tag, let multiple):
            settle(tag, multiple: multiple, error: nil)
        case .nacked(_, let tag, let multiple):
            let error = AMQPError(.nacked, attempt: "publishing", reason: "the broker could not take the message")
            settle(tag, multiple: multiple, error: error)
        case .returned(let message):
            noteReturn(message)
        case .blocked(let reason):
            isBlocked = reason
            logger.warning("the broker has blocked publishing: \(reason); messages wait until it takes them again")
        case .unblocked:
            isBlocked = nil
            logger.info("the broker takes messages again")
        case .channelClosed(Self.publishChannel, let error):
            try reopen(connection, after: error)
        case .channelClosed, .consumerCancelled:
            break
        }
    }

    func sessionDidLose(_ error: AMQPError) { lastError = error }

    func sessionCannotConnect(_ error: AMQPError) {
        lastError = error
        guard case .accessRefused = error.code else { return }
        for request in waiting { request.fail(error) }
        waiting = []
    }

    private func settle(_ tag: UInt64, multiple: Bool, error: AMQPError?) {
        guard tag >= firstTag, tag - firstTag < UInt64(inFlight.count) else { return }
        let last = Int(tag - firstTag)
        for index in (multiple ? 0 : last)...last where !inFlight[index].isSettled {
            inFlight[index].isSettled = true
            inFlight[index].publish.done(error ?? inFlight[index].returned)
        }
        while let first = inFlight.first, first.isSettled {
            inFlight.removeFirst()
            firstTag += 1
        }
    }

    /// A returned message names no delivery tag; its exchange, key and properties tell it apart. Its confirm follows.
    private func noteReturn(_ message: AMQPReturn) {
        func matches(_ flight: InFlight) -> Bool {
            !flight.isSettled && flight.returned == nil && flight.publish.message.mandatory
                && flight.publish.message.exchange == message.exchange
                && flight.publish.message.routingKey == message.routingKey
        }
        let index =
            inFlight.firstIndex { matches($0) && $0.publish.message.properties == message.properties }
            ?? inFlight.firstIndex(where: matches)
        guard let index else { return }
        let place =
            message.exchange.isEmpty
            ? "queue \"\(message.routingKey)\"" : "exchange \"\(message.exchange)\" with key \"\(message.routingKey)\""
        inFlight[index].returned = AMQPError(
            .unroutable,
            attempt: "publishing to \(place)",
            reason:
                "no queue took the message (\(message.replyCode) \(message.replyText)); declare the queue or its binding"
        )
    }

    /// The broker closes the channel for a publish that it cannot even try, e.g. to an exchange that does not exist.
    private func reopen(_ connection: AMQPConnection, after error: AMQPError) throws(AMQPError) {
        let culprits = inFlight.indices.filter { index in
            let exchange = inFlight[index].publish.message.exchange
            return !exchange.isEmpty && error.reason.contains("'\(exchange)'")
        }
        for index in culprits.isEmpty ? Array(inFlight.indices) : culprits where !inFlight[index].isSettled {
            inFlight[index].isSettled = true
            inFlight[index].publish.done(error)
        }
        try connection.openChannel(Self.publishChannel)
        try connection.selectConfirms(channel: Self.publishChannel)
        sendAgain()
    }
}
