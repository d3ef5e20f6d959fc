import CLibpq
internal import Logging

extension PostgresSlot {
    /// Does all that can be done on a standing connection now.
    func work(_ link: PostgresLink, now: MonotonicTime, ready: ReactorEvents) {
        if ready.contains(.read) {
            _ = link.consumeInput()
            (active?.exchange as? PostgresCopyExchange)?.noteInput(link)
        }
        advance(link, now: now)
        if case .ready = phase { settle(link, now: now) }
        if case .ready = phase { expireIdle(now: now) }
        if case .closed = phase { failPending() }
    }

    /// Begins a call, unless its task does not wait any more.
    func begin(_ call: PostgresCall, now: MonotonicTime) {
        guard case .ready(let link) = phase, call.waiter.begin() else { return }
        let exchange = call.makeExchange(endpoint: url.endpoint)
        active = PostgresActiveCall(exchange, waiter: call.waiter, timeout: call.timeout, now: now)
        advance(link, now: now)
    }

    /// The connection broke during a turn: what else the turn wants fails.
    func failPending() {
        for call in pending.takeAll() {
            let reason = "the connection was lost earlier in this turn"
            call.waiter.finish(.failure(PostgresError(.connection, reason, endpoint: url.endpoint)))
        }
    }

    func advance(_ link: PostgresLink, now: MonotonicTime) {
        guard var call = active else {
            // Parses what came: a goodbye of the server shows as a broken link.
            if link.isBusy || link.isBroken { lose(link) }
            return
        }
        switch call.exchange.advance(link, &cache) {
        case .done(let outcome):
            active = nil
            call.finish(outcome)
        case .unusable(var error):
            active = nil
            error.mayHaveHappened = true
            call.finish(.failure(error))
            drop()
        case .waiting where link.isBroken:
            lose(link)
        case .waiting:
            call.noteProgress(now: now)
            active = call
            interruptIfNeeded(link, now: now)
        }
    }

    /// Carries on with the next call of the turn, or gets the connection ready for somebody else.
    private func settle(_ link: PostgresLink, now: MonotonicTime) {
        while active == nil, case .ready = phase {
            if let (canceller, limit) = canceller {
                // A request that is still under way could hit the next statement.
                guard canceller.isDone else {
                    if limit <= now { drop() }
                    return
                }
                self.canceller = nil
            }
            if let call = pending.popFirst() {
                begin(call, now: now)
                continue
            }
            guard turn == nil, link.transactionStatus != PQTRANS_IDLE else { break }
            logger.debug("a transaction was left open on a connection to PostgreSQL at \(url.endpoint); rolling back")
            let exchange = PostgresScriptExchange("ROLLBACK", endpoint: url.endpoint)
            active = PostgresActiveCall(exchange, waiter: nil, timeout: options.cancelTimeout, now: now)
            advance(link, now: now)
        }
        if isIdle, unusedSince == .distantFuture { hasChanged = true }
    }

    /// The connection is gone.
    private func lose(_ link: PostgresLink) {
        guard let call = active else { return turn == nil ? loseIdle() : drop() }
        active = nil
        let error = lastWords(of: link)
        logger.warning("\(error)")
        call.finish(.failure(error))
        drop()
    }

    /// Why a connection ended: a server that is shut down says so.
    private func lastWords(of link: PostgresLink) -> PostgresError {
        for _ in 0..<8 {
            guard let result = link.nextResult() else { continue }
            // libpq passes on an error during a COPY no sooner than the data has ended.
            if result.status == PGRES_COPY_IN { _ = try? link.endCopy(failure: "") }
            if result.errorField("C") != nil { return PostgresError(result, endpoint: url.endpoint) }
        }
        let reason = PostgresLoginError.flat(link.errorMessage)
        return PostgresError(
            .connection,
            "lost the connection: \(reason)",
            endpoint: url.endpoint,
            mayHaveHappened: true
        )
    }
}
