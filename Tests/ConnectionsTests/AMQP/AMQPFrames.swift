import CRabbitMQ

@testable import Connections

/// Feeds an `AMQPReceiver` with frames as librabbitmq would show them.
struct AMQPFrames {
    var receiver = AMQPReceiver()

    mutating func deliver(_ tag: UInt64, channel: UInt16, exchange: String = "", key: String = "q") {
        exchange.withAMQPBytes { exchange in
            key.withAMQPBytes { key in
                var method = amqp_basic_deliver_t()
                method.delivery_tag = tag
                method.redelivered = tag.isMultiple(of: 2) ? 1 : 0
                method.exchange = exchange
                method.routing_key = key
                receiver.deliver(method, channel: channel)
            }
        }
    }

    mutating func returned(channel: UInt16, exchange: String, key: String) {
        exchange.withAMQPBytes { exchange in
            key.withAMQPBytes { key in
                "NO_ROUTE".withAMQPBytes { text in
                    var method = amqp_basic_return_t()
                    method.reply_code = 312
                    method.reply_text = text
                    method.exchange = exchange
                    method.routing_key = key
                    receiver.returned(method, channel: channel)
                }
            }
        }
    }

    mutating func header(_ properties: String, size: Int, channel: UInt16) {
        properties.withAMQPBytes { receiver.header($0, bodySize: UInt64(size), channel: channel) }
    }

    mutating func body(_ text: String, channel: UInt16) {
        text.withAMQPBytes { receiver.body($0, channel: channel) }
    }

    /// The deliveries that are whole: `channel.tag exchange/key properties body`.
    mutating func take() -> [String] {
        guard let batch = receiver.take().batch else { return [] }
        func text(_ range: Range<Int>) -> String { String(decoding: batch.bytes[range], as: UTF8.self) }
        return batch.deliveries.map {
            "\($0.channel).\($0.deliveryTag) \(text($0.exchange))/\(text($0.routingKey)) \(text($0.properties)) \(text($0.body))"
        }
    }
}
