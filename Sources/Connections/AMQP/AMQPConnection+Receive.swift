import CRabbitMQ
import Glibc

extension AMQPConnection {
    /// How much one call of `receive` takes in at most.
    private enum Turn {
        static let deliveries = 1000
        static let bytes = 4 << 20
    }

    /// Takes in what one read of the socket brings, services heartbeats, and returns at once.
    ///
    /// Heartbeats are sent and missed only inside librabbitmq's calls: call this at least every quarter of the
    /// interval.
    /// - Returns: The deliveries that are whole now, in order, and what else the broker said.
    package func receive() throws(AMQPError) -> (batch: AMQPDeliveryBatch?, events: [AMQPEvent]) {
        repeat {
            var frame = amqp_frame_t()
            var nothing = timeval(tv_sec: 0, tv_usec: 0)
            let status = amqp_simple_wait_frame_noblock(state, &frame, &nothing)
            if status == AMQP_STATUS_TIMEOUT.rawValue { break }
            try check(status: status, "reading from the broker")
            try take(frame)
        } while hasInput && receiver.deliveryCount < Turn.deliveries && receiver.arenaSize < Turn.bytes
        // Everything needed was copied; the frames' memory can be used again (amqp.h: amqp_maybe_release_buffers).
        amqp_maybe_release_buffers(state)
        return receiver.take()
    }

    /// Whether frames wait inside the library, which no `poll` on the socket would show.
    package var hasInput: Bool { amqp_frames_enqueued(state) != 0 || amqp_data_in_buffer(state) != 0 }

    func take(_ frame: amqp_frame_t) throws(AMQPError) {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD:
            try take(frame.payload.method, channel: frame.channel)
        case AMQP_FRAME_HEADER:
            let header = frame.payload.properties
            receiver.header(header.raw, bodySize: header.body_size, channel: frame.channel)
        case AMQP_FRAME_BODY:
            receiver.body(frame.payload.body_fragment, channel: frame.channel)
        default:
            break
        }
    }

    private func take(_ method: amqp_method_t, channel: UInt16) throws(AMQPError) {
        guard let decoded = method.decoded else { return }
        switch method.id {
        case UInt32(AMQP_BASIC_DELIVER_METHOD):
            receiver.deliver(decoded.load(as: amqp_basic_deliver_t.self), channel: channel)
        case UInt32(AMQP_BASIC_ACK_METHOD):
            let ack = decoded.load(as: amqp_basic_ack_t.self)
            receiver.append(.confirmed(channel: channel, tag: ack.delivery_tag, multiple: ack.multiple != 0))
        case UInt32(AMQP_BASIC_NACK_METHOD):
            let nack = decoded.load(as: amqp_basic_nack_t.self)
            receiver.append(.nacked(channel: channel, tag: nack.delivery_tag, multiple: nack.multiple != 0))
        case UInt32(AMQP_BASIC_RETURN_METHOD):
            receiver.returned(decoded.load(as: amqp_basic_return_t.self), channel: channel)
        case UInt32(AMQP_BASIC_CANCEL_METHOD):
            let tag = String(decoded.load(as: amqp_basic_cancel_t.self).consumer_tag)
            receiver.append(.consumerCancelled(channel: channel, consumerTag: tag))
        case UInt32(AMQP_CONNECTION_BLOCKED_METHOD):
            let reason = String(decoded.load(as: amqp_connection_blocked_t.self).reason)
            receiver.append(.blocked(reason: reason))
        case UInt32(AMQP_CONNECTION_UNBLOCKED_METHOD):
            receiver.append(.unblocked)
        case UInt32(AMQP_CHANNEL_CLOSE_METHOD):
            try channelClosed(method, channel: channel)
        case UInt32(AMQP_CONNECTION_CLOSE_METHOD):
            var answer = amqp_connection_close_ok_t()
            amqp_send_method(state, 0, UInt32(AMQP_CONNECTION_CLOSE_OK_METHOD), &answer)
            throw AMQPConnection.serverError(method, attempt: "consuming at \(url)")
        default:
            break
        }
    }

    private func channelClosed(_ method: amqp_method_t, channel: UInt16) throws(AMQPError) {
        let error = AMQPConnection.serverError(method, attempt: "using channel \(channel) at \(url)")
        receiver.append(.channelClosed(channel: channel, error))
        try confirmClose(of: channel)
    }
}
