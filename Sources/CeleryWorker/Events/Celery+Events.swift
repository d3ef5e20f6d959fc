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
            let options = configuration.amqpOptions(name: "chard events")
            let urls = configuration.broker.urls
            let reactor = Reactor(name: "chard-events") { [logger] _ in
                let session = AMQPSession(urls: urls, options: options, logger: logger)
                return [EventReceiver(session, logger: logger) { continuation.yield($0) }]
            }
            continuation.onTermination = { _ in reactor.stop() }
        }
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
