import CRabbitMQ

extension AMQPConnection {
    /// Takes the message at the head of a queue (`basic.get`), to be acknowledged; nil when the queue is empty.
    ///
    /// The connection must have no consumers: their deliveries would get lost here.
    /// - Returns: A batch of one, and how many messages still wait.
    package func get(
        _ queue: String,
        channel: UInt16
    ) throws(AMQPError) -> (batch: AMQPDeliveryBatch, remaining: Int)? {
        let attempt = "taking a message from queue \(queue)"
        let reply = queue.withAMQPBytes { amqp_basic_get(state, channel, $0, 0) }
        try check(channel, attempt)
        guard reply.reply.id == UInt32(AMQP_BASIC_GET_OK_METHOD), let decoded = reply.reply.decoded else { return nil }
        let answer = decoded.load(as: amqp_basic_get_ok_t.self)
        receiver.got(answer, channel: channel)
        let deadline = MonotonicTime.now.advanced(by: options.answerTimeout)
        while receiver.deliveryCount == 0 {
            try wait(until: deadline, attempt)
        }
        amqp_maybe_release_buffers(state)
        guard let batch = receiver.takeDeliveries() else { return nil }
        return (batch, Int(answer.message_count))
    }

    /// Waits until the broker has confirmed the publishes of the channel with these tags.
    ///
    /// For calls that own the connection: whatever else the broker says meanwhile is dropped.
    /// - Returns: Those of them that reached no queue, if they were mandatory.
    /// - Throws: `AMQPError` with code `nacked`, `channelClosed`, `blocked` or `timedOut`.
    package func awaitConfirms(
        of tags: ClosedRange<UInt64>,
        timeout: Duration,
        channel: UInt16
    ) throws(AMQPError) -> [AMQPReturn] {
        let attempt = "waiting for the broker's confirm"
        let deadline = MonotonicTime.now.advanced(by: timeout)
        var (missing, returned, blocked) = (Set(tags), [AMQPReturn](), String?.none)
        while true {
            for event in receiver.takeEvents() {
                switch event {
                case .confirmed(channel, let tag, true): missing = missing.filter { $0 > tag }
                case .confirmed(channel, let tag, false): missing.remove(tag)
                case .nacked(channel, _, _):
                    throw AMQPError(.nacked, attempt: attempt, reason: "the broker refused a message")
                case .returned(let message) where message.channel == channel: returned.append(message)
                case .channelClosed(channel, let error): throw error
                case .blocked(let reason): blocked = reason
                case .unblocked: blocked = nil
                default: break
                }
            }
            guard !missing.isEmpty else { break }
            do throws(AMQPError) {
                try wait(until: deadline, attempt)
            } catch  where error.code == .timedOut && blocked != nil {
                let reason = "the broker has blocked publishers (\(blocked ?? "")); free memory or disk space on it"
                throw AMQPError(.blocked, attempt: attempt, reason: reason)
            }
        }
        amqp_maybe_release_buffers(state)
        return returned
    }

    /// Takes in one frame, which it waits for.
    private func wait(until deadline: MonotonicTime, _ attempt: String) throws(AMQPError) {
        let rest = deadline.nanoseconds - MonotonicTime.now.nanoseconds
        guard rest > 0 else {
            throw AMQPError(.timedOut, attempt: attempt, reason: "the broker did not answer in time")
        }
        var frame = amqp_frame_t()
        var limit = Duration.nanoseconds(rest).timeval
        try check(status: amqp_simple_wait_frame_noblock(state, &frame, &limit), attempt)
        try take(frame)
    }
}
