import CRabbitMQ

/// Puts frames together into deliveries and events, and keeps what is only half there.
///
/// The content of a channel's method follows it (AMQP 0-9-1 §4.2.6), but frames of other channels may come in between.
/// RabbitMQ writes a message in one piece, so the message in work grows at the end of the arena without a copy; when
/// another one begins before it is whole, it is set aside.
struct AMQPReceiver {
    private struct Message {
        enum Kind {
            case delivery(redelivered: Bool, tag: UInt64)
            case returned(code: Int, text: String)
        }

        var kind: Kind
        var channel: UInt16
        var start: Int
        var exchange: Range<Int>
        var routingKey: Range<Int>
        var properties: Range<Int>?
        var missing: UInt64 = 0
    }

    private struct Aside {
        var message: Message
        var bytes: [UInt8]
    }

    private var arena: [UInt8] = []
    private var deliveries: [AMQPDelivery] = []
    private var events: [AMQPEvent] = []
    private var current: Message?
    private var aside: [UInt16: Aside] = [:]

    var arenaSize: Int { arena.count }
    var deliveryCount: Int { deliveries.count }

    mutating func append(_ event: AMQPEvent) { events.append(event) }

    mutating func deliver(_ method: amqp_basic_deliver_t, channel: UInt16) {
        begin(
            .delivery(redelivered: method.redelivered != 0, tag: method.delivery_tag),
            exchange: method.exchange,
            routingKey: method.routing_key,
            channel: channel
        )
    }

    mutating func got(_ method: amqp_basic_get_ok_t, channel: UInt16) {
        begin(
            .delivery(redelivered: method.redelivered != 0, tag: method.delivery_tag),
            exchange: method.exchange,
            routingKey: method.routing_key,
            channel: channel
        )
    }

    mutating func returned(_ method: amqp_basic_return_t, channel: UInt16) {
        begin(
            .returned(code: Int(method.reply_code), text: String(method.reply_text)),
            exchange: method.exchange,
            routingKey: method.routing_key,
            channel: channel
        )
    }

    mutating func header(_ raw: amqp_bytes_t, bodySize: UInt64, channel: UInt16) {
        resume(channel)
        guard current?.channel == channel else { return }
        let properties = append(raw)
        current?.properties = properties
        current?.missing = bodySize
        if bodySize == 0 { finish() }
    }

    mutating func body(_ fragment: amqp_bytes_t, channel: UInt16) {
        resume(channel)
        guard let message = current, message.channel == channel, message.properties != nil else { return }
        _ = append(fragment)
        current?.missing = message.missing - min(message.missing, UInt64(fragment.len))
        if current?.missing == 0 { finish() }
    }

    /// Forgets a message whose channel was closed before it was whole.
    mutating func forget(channel: UInt16) {
        aside[channel] = nil
        if let message = current, message.channel == channel {
            arena.removeSubrange(message.start...)
            current = nil
        }
    }

    /// Hands out all that is whole; what is not stays.
    mutating func take() -> (batch: AMQPDeliveryBatch?, events: [AMQPEvent]) {
        if current != nil { setAside() }
        defer {
            events = []
            // The next batch is probably about as large as this one.
            if !deliveries.isEmpty {
                arena = Array(minimumCapacity: min(arena.count + arena.count / 4, 1 << 18))
                deliveries = Array(minimumCapacity: min(deliveries.count + 8, 512))
            }
        }
        guard !deliveries.isEmpty else { return (nil, events) }
        return (AMQPDeliveryBatch(bytes: arena, deliveries: deliveries), events)
    }

    /// Hands out the deliveries; what else the broker said stays.
    mutating func takeDeliveries() -> AMQPDeliveryBatch? {
        let said = events
        defer { events = said }
        return take().batch
    }

    /// Hands out what the broker said other than deliveries.
    mutating func takeEvents() -> [AMQPEvent] {
        defer { events = [] }
        return events
    }

    private mutating func begin(
        _ kind: Message.Kind,
        exchange: amqp_bytes_t,
        routingKey: amqp_bytes_t,
        channel: UInt16
    ) {
        if current != nil { setAside() }
        let start = arena.count
        let exchange = append(exchange)
        let routingKey = append(routingKey)
        current = Message(kind: kind, channel: channel, start: start, exchange: exchange, routingKey: routingKey)
    }

    /// Takes the unfinished message out of the arena, so that another can be read or a batch handed out.
    private mutating func setAside() {
        guard let message = current else { return }
        aside[message.channel] = Aside(message: message, bytes: Array(arena[message.start...]))
        arena.removeSubrange(message.start...)
        current = nil
    }

    /// Brings a message that was set aside back to the end of the arena.
    private mutating func resume(_ channel: UInt16) {
        guard current?.channel != channel, !aside.isEmpty, let waiting = aside.removeValue(forKey: channel) else {
            return
        }
        if current != nil { setAside() }
        let shift = arena.count - waiting.message.start
        arena.append(contentsOf: waiting.bytes)
        var message = waiting.message
        message.start += shift
        message.exchange = message.exchange.shifted(by: shift)
        message.routingKey = message.routingKey.shifted(by: shift)
        message.properties = message.properties?.shifted(by: shift)
        current = message
    }

    private mutating func finish() {
        guard let message = current, let properties = message.properties else { return }
        current = nil
        switch message.kind {
        case .delivery(let redelivered, let tag):
            deliveries.append(
                AMQPDelivery(
                    channel: message.channel,
                    redelivered: redelivered,
                    deliveryTag: tag,
                    exchange: message.exchange,
                    routingKey: message.routingKey,
                    properties: properties,
                    body: properties.upperBound..<arena.count
                )
            )
        case .returned(let code, let text):
            events.append(
                .returned(
                    AMQPReturn(
                        channel: message.channel,
                        replyCode: code,
                        replyText: text,
                        exchange: String(decoding: arena[message.exchange], as: UTF8.self),
                        routingKey: String(decoding: arena[message.routingKey], as: UTF8.self),
                        properties: Array(arena[properties])
                    )
                )
            )
            arena.removeSubrange(message.start...)
        }
    }

    private mutating func append(_ bytes: amqp_bytes_t) -> Range<Int> {
        let start = arena.count
        arena.append(contentsOf: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.bytes == nil ? 0 : bytes.len))
        return start..<arena.count
    }
}

extension Array {
    fileprivate init(minimumCapacity: Int) {
        self.init()
        reserveCapacity(minimumCapacity)
    }
}

extension Range<Int> {
    fileprivate func shifted(by distance: Int) -> Range<Int> { (lowerBound + distance)..<(upperBound + distance) }
}
