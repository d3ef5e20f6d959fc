import CRabbitMQ
import Glibc

extension AMQPConnection {
    static func openSocket(
        _ state: amqp_connection_state_t,
        _ url: BrokerURL,
        _ options: AMQPOptions
    ) throws(AMQPError) {
        let attempt = "connecting to \(url)"
        guard let socket = url.tls ? amqp_ssl_socket_new(state) : amqp_tcp_socket_new(state) else {
            throw AMQPError(.unreachable, attempt: attempt, reason: "cannot make a socket")
        }
        if url.tls { try configureTLS(socket, url.tlsSettings ?? options.tls, attempt: attempt) }
        var limit = timeout(of: url, options).timeval
        let status = amqp_socket_open_noblock(socket, url.host, Int32(url.port), &limit)
        if status < 0 {
            throw AMQPError(.unreachable, attempt: attempt, reason: openReason(status))
        }
    }

    private static func timeout(of url: BrokerURL, _ options: AMQPOptions) -> Duration {
        url.connectTimeout.map { Duration.seconds($0) } ?? options.connectTimeout
    }

    private static func openReason(_ status: Int32) -> String {
        let text = String(cString: amqp_error_string2(status))
        switch amqp_status_enum(rawValue: status) {
        case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED:
            return "\(text); the certificate is for another name than the host in the URL"
        case AMQP_STATUS_SSL_PEER_VERIFY_FAILED, AMQP_STATUS_SSL_CONNECTION_FAILED:
            return "\(text); check the authorities that are trusted (ssl_ca_certs) and the client certificate"
        default:
            return "\(text); is the broker running there?"
        }
    }

    private static func configureTLS(
        _ socket: OpaquePointer,
        _ tls: TLSSettings,
        attempt: String
    ) throws(AMQPError) {
        // Debian's OpenSSL settings decide the versions; this only rules out what no longer counts as TLS.
        amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST)
        amqp_ssl_socket_set_verify_peer(socket, tls.verifiesPeer ? 1 : 0)
        amqp_ssl_socket_set_verify_hostname(socket, tls.verifiesPeer && tls.verifiesHostname ? 1 : 0)
        let authorities = tls.authorityPath ?? "/etc/ssl/certs/ca-certificates.crt"
        if tls.verifiesPeer, amqp_ssl_socket_set_cacert(socket, authorities) < 0 {
            throw AMQPError(
                .invalid,
                attempt: attempt,
                reason: "cannot read the trusted certificates in \(authorities)"
            )
        }
        guard let certificate = tls.certificatePath else { return }
        let key = tls.keyPath ?? certificate
        if amqp_ssl_socket_set_key(socket, certificate, key) < 0 {
            throw AMQPError(
                .invalid,
                attempt: attempt,
                reason: "cannot use the client certificate in \(certificate) with the key in \(key)"
            )
        }
    }

    /// Lets the kernel notice a peer that vanished without a word, also while our own data waits to be sent.
    static func watchForDeadPeer(_ descriptor: Int32, heartbeat: Int) {
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, socklen_t(MemoryLayout<Int32>.size))
        guard heartbeat > 0 else { return }
        var milliseconds = UInt32(clamping: heartbeat * 2000)
        // TCP_USER_TIMEOUT is 18 in linux/tcp.h; the Glibc module does not have it.
        setsockopt(descriptor, Int32(IPPROTO_TCP), 18, &milliseconds, socklen_t(MemoryLayout<UInt32>.size))
    }

    static func logIn(_ state: amqp_connection_state_t, _ url: BrokerURL, _ options: AMQPOptions) throws(AMQPError) {
        var limit = timeout(of: url, options).timeval
        amqp_set_handshake_timeout(state, &limit)
        let builder = AMQPTableBuilder()
        var properties = builder.table([
            "product": .string("Chard"),
            "connection_name": .string(options.connectionName),
            "capabilities": .table([
                "connection.blocked": .bool(true), "consumer_cancel_notify": .bool(true), "basic.nack": .bool(true),
                "publisher_confirms": .bool(true), "authentication_failure_close": .bool(true),
            ]),
        ])
        let reply = chard_amqp_login(
            state,
            url.virtualHost,
            0,
            131_072,
            Int32(clamping: url.heartbeat ?? options.heartbeat),
            &properties,
            url.user,
            url.password
        )
        guard reply.reply_type != AMQP_RESPONSE_NORMAL else { return }
        throw loginError(error(reply, attempt: "logging in to \(url)"))
    }

    /// A broker that refuses a login closes the connection; that is not a lost connection.
    private static func loginError(_ error: AMQPError) -> AMQPError {
        guard case .connectionLost(let replyCode) = error.code else { return error }
        switch replyCode {
        case Int(AMQP_ACCESS_REFUSED), Int(AMQP_NOT_ALLOWED):
            return AMQPError(
                .accessRefused,
                attempt: error.attempt,
                reason: "\(error.reason); check the user, the password and the virtual host in the broker URL"
            )
        default: return AMQPError(.unreachable, attempt: error.attempt, reason: error.reason)
        }
    }
}
