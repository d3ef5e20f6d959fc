import CeleryProtocol
import Connections
import Logging
import OrderedCollections
import Synchronization

/// Publishes what a settlement causes: retries, delays and dead letters.
extension WorkerCore {
    /// Publishes, again and again until the broker has confirmed.
    ///
    /// - Returns: False when it could not be done before the delivery went back to the broker; then nothing more may
    ///   happen.
    func publish(
        _ plan: SettlementPlan,
        of delivery: Delivery,
        _ message: TaskMessage?,
        ignoreResult: Bool,
        retryArguments: CeleryMap? = nil
    ) async -> Bool {
        // Once it is acknowledged, nobody else has the message.
        let isOnlyCopy = plan.answer == .none
        switch plan.publication {
        case .none, .canvas: return true
        case .retry(let delay):
            guard let message else { return true }
            return await untilDone(delivery, isOnlyCopy, "sending the next try of \(message.label)") {
                try await self.publishRetry(
                    of: message,
                    after: delay,
                    arguments: retryArguments,
                    ignoreResult: ignoreResult,
                    delivery
                )
            }
        case .deadLetter(let reason, let text):
            return await untilDone(
                delivery,
                isOnlyCopy,
                "moving a message to \(delivery.lane.queue.deadLetterQueue)"
            ) {
                try await self.publishDeadLetter(delivery, reason, text)
            }
        }
    }

    private func publishRetry(
        of message: TaskMessage,
        after delay: Duration,
        arguments: CeleryMap?,
        ignoreResult: Bool,
        _ delivery: Delivery
    ) async throws {
        let now = Timestamp(microsecondsSince1970: WallClock.microseconds)
        let eta = delay > .zero ? now.advanced(by: delay) : nil
        var retry = try message.retryPublication(
            eta: eta,
            args: arguments == nil ? nil : [],
            kwargs: arguments,
            ignoreResult: ignoreResult,
            now: now
        )
        retry.exchange = ""
        retry.routingKey = delivery.lane.queue.name
        try await celery.publish(retry, delay: delay)
    }

    private func publishDeadLetter(_ delivery: Delivery, _ reason: DeadLetterReason, _ text: String) async throws {
        let now = Timestamp(microsecondsSince1970: WallClock.microseconds)
        let letter = try TaskPublication.deadLetter(
            properties: delivery.frame.properties,
            body: delivery.frame.body,
            in: delivery.batch.bytes,
            routingKey: delivery.lane.queue.deadLetterQueue,
            headers: [
                "x-chard-reason": .string(reason.rawValue),
                "x-chard-error": .string(String(text.prefix(2000))),
                "x-chard-queue": .string(delivery.lane.queue.name),
                "x-chard-exchange": .string(delivery.exchange),
                "x-chard-routing-key": .string(delivery.routingKey),
                "x-chard-worker": .string(nodename),
                "x-chard-time": .string(now.iso),
            ]
        )
        try await celery.publish(letter)
    }

    /// Puts a message off until its time: for a moment here, for longer in the broker.
    func postpone(_ delivery: Delivery, _ message: TaskMessage, until eta: Timestamp) async {
        let wait = Duration.microseconds(eta.microsecondsSince1970 - WallClock.microseconds)
        let number = held.hold(message, eta: eta)
        if wait <= Celery.holdLimit {
            hold(delivery, for: wait) { [held] in held.remove(number) }
            return
        }
        let isMoved = await untilDone(delivery, false, "putting \(message.label) off") {
            try await self.celery.publish(try message.postponed(in: delivery), delay: wait)
        }
        held.remove(number)
        if isMoved {
            held.putOff(message.id, eta: eta, info: keptTaskInfo(message), for: Celery.hop(of: wait))
            outbox.append(item(delivery, .acknowledge))
        }
        runners.finished(lane: delivery.lane.index)
    }

    /// - Parameters:
    ///   - reservation: When the task may start, where its rate is limited.
    ///   - ended: Called when the wait is over.
    func hold(
        _ delivery: Delivery,
        for wait: Duration,
        reservation: RateReservation? = nil,
        ended: @escaping @Sendable () -> Void = {}
    ) {
        runners.finished(lane: delivery.lane.index)
        heldCount.add(1, ordering: .relaxed)
        Task {
            try? await Task.sleep(for: max(wait, .zero))
            heldCount.subtract(1, ordering: .relaxed)
            ended()
            guard delivery.isCurrent else { return }
            if isDraining.load(ordering: .relaxed) {
                submit(.giveBack(lane: delivery.lane.index, epoch: delivery.epoch, tag: delivery.frame.deliveryTag))
            } else {
                var entry = PriorityDispatch.Entry(batch: delivery.batch, index: delivery.index, epoch: delivery.epoch)
                entry.isAnnounced = delivery.isAnnounced
                entry.reservation = reservation
                runners.push(entry, lane: delivery.lane.index)
            }
        }
    }
}

extension TaskMessage {
    /// The message as it came, to be delivered once more, with more headers.
    func postponed(in delivery: Delivery, adding headers: CeleryMap = [:]) throws -> TaskPublication {
        var properties = self.properties
        // RabbitMQ drops a message that comes to a queue it was dead-lettered from before, and knows it by these
        // headers.
        properties.headers?.removeAll {
            $0.key.hasPrefix("x-death") || $0.key.hasPrefix("x-first-death") || $0.key.hasPrefix("x-last-death")
        }
        if !headers.isEmpty { properties.headers = (properties.headers ?? [:]).merging(headers) { $1 } }
        return TaskPublication(
            exchange: "",
            routingKey: delivery.lane.queue.name,
            properties: try properties.encoded(),
            body: Array(delivery.batch.bytes[delivery.frame.body])
        )
    }
}
