public import CeleryProtocol
import Connections
import Logging
import Synchronization

extension Celery {
    /// What workers and senders tell from now on, in the order in which it arrives: maps as Celery's events are.
    ///
    /// It goes on through lost connections until nobody listens any more. Who does not keep up misses the oldest.
    public func events() -> AsyncStream<CeleryMap> {
        AsyncStream(bufferingPolicy: .bufferingNewest(100_000)) { continuation in
            let work = Task {
                await listen(patience: .seconds(5)) { batch in
                    for event in batch.events { continuation.yield(event) }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in work.cancel() }
        }
    }

    /// Listens until the task is cancelled. While `body` works on what has come, the next events wait here, and when
    /// these are too many, in the broker.
    ///
    /// - Parameters:
    ///   - patience: How long events wait in the broker; those that wait longer are lost there without a word.
    ///   - maxEvents: How many wait here.
    ///   - maxBytes: And how many bytes of messages.
    package func listen(
        patience: Duration,
        maxEvents: Int = 20_000,
        maxBytes: Int = 16 << 20,
        _ body: (EventInbox.Batch) async -> Void
    ) async {
        let options = configuration.amqpOptions(name: "chard events")
        let urls = configuration.broker.urls
        let waker = Waker()
        let inbox = EventInbox(maxEvents: maxEvents, maxBytes: maxBytes, waker: waker)
        let reactor = Reactor(name: "chard-events", waker: waker) { [logger] _ in
            let session = AMQPSession(urls: urls, options: options, logger: logger)
            return [EventReceiver(session, patience: patience, inbox: inbox, logger: logger)]
        }
        defer { reactor.stop() }
        while !Task.isCancelled, let batch = await inbox.take() { await body(batch) }
    }

    /// Tells monitors of sent tasks, as far as `send_sent_event` asks for it. What cannot be told is not an error of
    /// sending.
    func announce(_ drafts: [TaskMessage.Draft], queues: [String]) async {
        guard configuration.broker.sendSentEvent else { return }
        do {
            try await declareEvents()
            try await publisher.publish(
                zip(drafts, queues).map { sentEvent($0, queue: $1) },
                timeout: configuration.broker.publishTimeout
            )
        } catch {
            logger.warning("telling monitors of \(drafts.count) sent tasks: \(error)")
        }
    }

    private func declareEvents() async throws(AMQPError) {
        guard !hasDeclaredEvents.load(ordering: .relaxed) else { return }
        try await publisher.perform { (connection, channel) throws(AMQPError) in
            try connection.declareExchange(EventMessage.exchange, type: "topic", channel: channel)
        }
        hasDeclaredEvents.store(true, ordering: .relaxed)
    }

    private func sentEvent(_ draft: TaskMessage.Draft, queue: String) -> AMQPMessage {
        let event = TaskEvent.sent(TaskEvent.Description(draft), queue: queue, exchange: "", routingKey: queue)
        let format = EventFormat(nodename: origin, pid: Int(processID))
        var body: [UInt8] = []
        // Receivers put their own clock in its place (celery/events/receiver.py).
        format.write(event, id: draft.id, clock: 0, now: WallClock.microseconds, into: &body)
        return AMQPMessage(
            exchange: EventMessage.exchange,
            routingKey: EventMessage.routingKey(of: event.type),
            mandatory: false,
            properties: EventMessage.properties(hostname: origin),
            body: body
        )
    }
}
