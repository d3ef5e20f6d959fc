import CLibpq
internal import Logging

extension PostgresSlot {
    /// Starts to open a connection.
    func connect(now: MonotonicTime) {
        let limit = now.advanced(by: options.connectTimeout)
        if url.isUnixSocket { return connect(to: [], until: limit, now: now) }
        if HostResolver.isNumeric(url.host) { return connect(to: [url.host], until: limit, now: now) }
        phase = .resolving(limit)
        resolver.start(host: url.host)
    }

    func continueConnecting(now: MonotonicTime, ready: ReactorEvents) {
        if case .resolving(let limit) = phase { takeAddresses(until: limit, now: now) }
        if case .connecting(let link, _, let limit) = phase, !ready.isEmpty {
            poll(link, until: limit, now: now)
        }
        switch phase {
        case .resolving(let limit) where limit <= now:
            failConnecting("its name was not resolved within \(options.connectTimeout.inSeconds) s", now: now)
        case .connecting(_, _, let limit) where limit <= now:
            failConnecting("no answer within \(options.connectTimeout.inSeconds) s", now: now)
        default: break
        }
    }

    private func takeAddresses(until limit: MonotonicTime, now: MonotonicTime) {
        switch resolver.take() {
        case nil: break
        case .success(let addresses): connect(to: addresses, until: limit, now: now)
        case .failure(let failure): failConnecting(failure.reason, now: now)
        }
    }

    private func connect(to addresses: [String], until limit: MonotonicTime, now: MonotonicTime) {
        let settings = PostgresLoginSettings(url: url, options: options).list(addresses: addresses)
        guard let link = PostgresLink(settings: settings) else { return failConnecting("out of memory", now: now) }
        // libpq's rule: wait as if the last call of PQconnectPoll had said "writing".
        phase = .connecting(link, PGRES_POLLING_WRITING, limit)
        if link.isBroken { failConnecting(link, now: now) }
    }

    private func poll(_ link: PostgresLink, until limit: MonotonicTime, now: MonotonicTime) {
        switch link.poll() {
        case PGRES_POLLING_OK where link.becomeNonBlocking():
            phase = .ready(link)
            hasChanged = true
            dispatcher.connected()
            watchClient(link, now: now)
            logger.debug("connected to PostgreSQL at \(url.endpoint), server process \(link.serverProcess)")
        case PGRES_POLLING_OK, PGRES_POLLING_FAILED:
            failConnecting(link, now: now)
        case let status:
            phase = .connecting(link, status, limit)
        }
    }

    /// Lets the server stop a statement within seconds when this process is gone or has given up the connection; else
    /// it would run on to its end and keep its locks. PostgreSQL knows that since version 14.
    private func watchClient(_ link: PostgresLink, now: MonotonicTime) {
        let setting = "client_connection_check_interval"
        guard link.serverVersion >= 140_000, options.settings[setting] == nil else { return }
        let exchange = PostgresScriptExchange("SET \(setting) = '2s'", endpoint: url.endpoint)
        active = PostgresActiveCall(exchange, waiter: nil, timeout: options.connectTimeout, now: now)
        advance(link, now: now)
    }

    private func failConnecting(_ link: PostgresLink, now: MonotonicTime) {
        failConnecting(PostgresLoginError.read(link.errorMessage, endpoint: url.endpoint), now: now)
    }

    private func failConnecting(_ reason: String, now: MonotonicTime) {
        failConnecting(PostgresError(.connection, "cannot connect: \(reason)", endpoint: url.endpoint), now: now)
    }

    private func failConnecting(_ error: PostgresError, now: MonotonicTime) {
        drop()
        dispatcher.connectFailed(error, now: now)
    }
}
