import CRabbitMQ

extension AMQPConnection {
    /// The one place that turns librabbitmq's three layers of failure into an `AMQPError`.
    static func error(_ reply: amqp_rpc_reply_t, attempt: String) -> AMQPError {
        switch reply.reply_type {
        case AMQP_RESPONSE_LIBRARY_EXCEPTION: return error(status: reply.library_error, attempt: attempt)
        case AMQP_RESPONSE_SERVER_EXCEPTION: return serverError(reply.reply, attempt: attempt)
        default: return AMQPError(.connectionLost(0), attempt: attempt, reason: "the broker closed the socket")
        }
    }

    static func error(status: Int32, attempt: String) -> AMQPError {
        let text = String(cString: amqp_error_string2(status))
        switch amqp_status_enum(rawValue: status) {
        case AMQP_STATUS_HEARTBEAT_TIMEOUT:
            return AMQPError(
                .heartbeatMissed,
                attempt: attempt,
                reason: "the broker has been silent for two heartbeats"
            )
        case AMQP_STATUS_TIMEOUT:
            return AMQPError(.timedOut, attempt: attempt, reason: "the broker did not answer in time")
        case AMQP_STATUS_TABLE_TOO_BIG, AMQP_STATUS_INVALID_PARAMETER:
            return AMQPError(.invalid, attempt: attempt, reason: text)
        default:
            return AMQPError(.connectionLost(0), attempt: attempt, reason: text)
        }
    }

    static func serverError(_ method: amqp_method_t, attempt: String) -> AMQPError {
        guard let decoded = method.decoded else {
            return AMQPError(.connectionLost(0), attempt: attempt, reason: "the broker refused without a reason")
        }
        switch method.id {
        case UInt32(AMQP_CHANNEL_CLOSE_METHOD):
            let close = decoded.load(as: amqp_channel_close_t.self)
            return AMQPError(
                .channelClosed(Int(close.reply_code)),
                attempt: attempt,
                reason: "the broker said \(close.reply_code) \(String(close.reply_text))"
            )
        case UInt32(AMQP_CONNECTION_CLOSE_METHOD):
            let close = decoded.load(as: amqp_connection_close_t.self)
            return AMQPError(
                .connectionLost(Int(close.reply_code)),
                attempt: attempt,
                reason: "the broker said \(close.reply_code) \(String(close.reply_text))"
            )
        default:
            return AMQPError(
                .connectionLost(0),
                attempt: attempt,
                reason: "unexpected answer \(String(cString: amqp_method_name(method.id)))"
            )
        }
    }
}
