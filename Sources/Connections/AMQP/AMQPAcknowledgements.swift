import CRabbitMQ
import Glibc

/// `basic.ack` frames that wait to be sent together.
///
/// librabbitmq sends every ack with a system call of its own; behind one slow task all later acks are single ones, and
/// those calls then cost more than the tasks. So the frames are laid out here (AMQP 0-9-1 §4.2.3: type, channel, size,
/// payload, frame-end) and go out in one call.
struct AMQPAcknowledgements {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ deliveryTag: UInt64, multiple: Bool, channel: UInt16) {
        bytes.append(UInt8(AMQP_FRAME_METHOD))
        append(channel)
        append(UInt16(0))
        append(UInt16(13))  // class, method, delivery tag, bits
        append(UInt16(truncatingIfNeeded: AMQP_BASIC_ACK_METHOD >> 16))
        append(UInt16(truncatingIfNeeded: AMQP_BASIC_ACK_METHOD))
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: deliveryTag >> UInt64(shift)))
        }
        bytes.append(multiple ? 1 : 0)
        bytes.append(UInt8(AMQP_FRAME_END))
    }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    private mutating func append(_ number: UInt16) {
        bytes.append(UInt8(truncatingIfNeeded: number >> 8))
        bytes.append(UInt8(truncatingIfNeeded: number))
    }
}

extension AMQPConnection {
    /// Notes an acknowledgement; it goes out with the next `flushAcknowledgements`.
    package func acknowledge(_ deliveryTag: UInt64, multiple: Bool, channel: UInt16) {
        acknowledgements.append(deliveryTag, multiple: multiple, channel: channel)
    }

    /// Sends the acknowledgements noted so far.
    package func flushAcknowledgements() throws(AMQPError) {
        guard !acknowledgements.bytes.isEmpty else { return }
        defer { acknowledgements.removeAll() }
        if url.tls {
            try sendThroughLibrary()
        } else {
            try sendDirectly()
        }
    }

    /// librabbitmq keeps no output of its own between calls, so bytes of ours may go between its frames.
    private func sendDirectly() throws(AMQPError) {
        var sent = 0
        while sent < acknowledgements.bytes.count {
            let count = acknowledgements.bytes.withUnsafeBytes { buffer in
                Glibc.send(descriptor, buffer.baseAddress! + sent, buffer.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                try waitUntilWritable()
            } else if errno != EINTR {
                throw AMQPError(
                    .connectionLost(0),
                    attempt: "acknowledging at \(url)",
                    reason: String(cString: strerror(errno))
                )
            }
        }
    }

    /// A frame must not be cut in two, so a full socket is waited for, at most as long as heartbeats may fail to come.
    private func waitUntilWritable() throws(AMQPError) {
        var descriptors = [pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)]
        let limit = Int64(max(heartbeat * 2, 5)) * 1_000_000_000
        if chard_poll(&descriptors, 1, limit) == 0 {
            throw AMQPError(
                .heartbeatMissed,
                attempt: "acknowledging at \(url)",
                reason: "the broker takes no more bytes"
            )
        }
    }

    private func sendThroughLibrary() throws(AMQPError) {
        let frames = acknowledgements.bytes
        let size = 21
        for start in stride(from: 0, to: frames.count, by: size) {
            let channel = UInt16(frames[start + 1]) << 8 | UInt16(frames[start + 2])
            let tag = frames[(start + 11)..<(start + 19)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let status = amqp_basic_ack(state, channel, tag, amqp_boolean_t(frames[start + 19]))
            try check(status: status, "acknowledging")
        }
    }
}
