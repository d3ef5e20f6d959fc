import CRabbitMQ
import Glibc

/// One connection to an AMQP broker, over librabbitmq.
///
/// Not `Sendable`: librabbitmq lets one thread use a connection, its socket and its channels. Every method but the
/// initializer's and `close`'s network part returns without waiting, except those that the broker answers (`open…`,
/// `declare…`, `consume`, …), which wait up to `answerTimeout`.
package final class AMQPConnection {
    let state: amqp_connection_state_t
    let options: AMQPOptions
    package let url: BrokerURL
    /// The broker's version, e.g. `3.10.8`; empty when it does not say.
    package private(set) var brokerVersion = ""
    package let descriptor: Int32
    var receiver = AMQPReceiver()
    var acknowledgements = AMQPAcknowledgements()
    private var isOpen = true
    /// Channels that were open once and are no longer.
    private var closedChannels: Set<UInt16> = []

    /// Connects and logs in. Waits up to `connectTimeout` for the network and as long again for the login.
    package init(_ url: BrokerURL, options: AMQPOptions) throws(AMQPError) {
        self.url = url
        self.options = options
        guard let state = amqp_new_connection() else {
            throw AMQPError(.unreachable, attempt: "connecting to \(url)", reason: "out of memory")
        }
        self.state = state
        do {
            try Self.openSocket(state, url, options)
        } catch {
            amqp_destroy_connection(state)
            throw error
        }
        // Now every property is set: should the rest throw, `deinit` destroys the connection.
        descriptor = amqp_get_sockfd(state)
        Self.watchForDeadPeer(descriptor, heartbeat: url.heartbeat ?? options.heartbeat)
        try Self.logIn(state, url, options)
        var limit = options.answerTimeout.timeval
        amqp_set_rpc_timeout(state, &limit)
        brokerVersion = serverProperty("version")
    }

    deinit {
        if isOpen { amqp_destroy_connection(state) }
    }

    /// Seconds between heartbeats as agreed with the broker; 0 for none.
    package var heartbeat: Int { Int(amqp_get_heartbeat(state)) }

    /// Says goodbye to the broker and frees the connection; waits briefly for its answer.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        var limit = Duration.seconds(2).timeval
        amqp_set_rpc_timeout(state, &limit)
        _ = amqp_connection_close(state, AMQP_REPLY_SUCCESS)
        amqp_destroy_connection(state)
    }

    package func openChannel(_ channel: UInt16) throws(AMQPError) {
        _ = amqp_channel_open(state, channel)
        closedChannels.remove(channel)
        try check(channel, "opening channel \(channel)")
    }

    /// Closes a channel; an error means that the connection is going, which the next read will say.
    package func closeChannel(_ channel: UInt16) {
        guard closedChannels.insert(channel).inserted else { return }
        _ = amqp_channel_close(state, channel, AMQP_REPLY_SUCCESS)
    }

    /// Turns the state after a call that the broker answers into an error, if it is one.
    ///
    /// A channel that the broker closed is closed on our side too, so that its number can be opened again.
    func check(_ channel: UInt16, _ attempt: @autoclosure () -> String) throws(AMQPError) {
        let reply = amqp_get_rpc_reply(state)
        guard reply.reply_type != AMQP_RESPONSE_NORMAL else { return }
        let error = AMQPConnection.error(reply, attempt: "\(attempt()) at \(url)")
        if case .channelClosed = error.code { try confirmClose(of: channel) }
        throw error
    }

    /// Answers the broker's `channel.close` (AMQP 0-9-1 §1.5.2.6).
    func confirmClose(of channel: UInt16) throws(AMQPError) {
        receiver.forget(channel: channel)
        closedChannels.insert(channel)
        var answer = amqp_channel_close_ok_t()
        let status = amqp_send_method(state, channel, UInt32(AMQP_CHANNEL_CLOSE_OK_METHOD), &answer)
        try check(status: status, "closing channel \(channel)")
    }

    func check(status: Int32, _ attempt: @autoclosure () -> String) throws(AMQPError) {
        guard status < 0 else { return }
        throw AMQPConnection.error(status: status, attempt: "\(attempt()) at \(url)")
    }

    private func serverProperty(_ name: String) -> String {
        guard let table = amqp_get_server_properties(state) else { return "" }
        for index in 0..<Int(table.pointee.num_entries) {
            let entry = table.pointee.entries[index]
            if String(entry.key) == name, entry.value.kind == UInt8(AMQP_FIELD_KIND_UTF8.rawValue) {
                return String(entry.value.value.bytes)
            }
        }
        return ""
    }
}

extension Duration {
    var timeval: Glibc.timeval {
        let whole = max(0, nanoseconds)
        return Glibc.timeval(tv_sec: Int(whole / 1_000_000_000), tv_usec: Int(whole % 1_000_000_000 / 1000))
    }
}
