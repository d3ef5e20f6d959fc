import CLibpq
internal import Logging

extension PostgresSlot {
    private static let cancelPause = Duration.milliseconds(100)

    /// Stops the running call when its task was cancelled or its time is over, and gives up the connection when the
    /// server does not even answer that.
    func interruptIfNeeded(_ link: PostgresLink, now: MonotonicTime) {
        guard let call = active else { return }
        if let ending = call.ending {
            if ending.limit <= now {
                abandon(call, ending)
            } else if ending.retryAt <= now {
                askToCancel(link, now: now)
            }
        } else if call.waiter?.isCancelled == true {
            let error = PostgresError(.cancelled, "the call was cancelled", endpoint: url.endpoint)
            interrupt(link, error, now: now)
        } else if call.next <= now {
            let reason = "no answer within \(call.timeout.inSeconds) s"
            interrupt(link, PostgresError(.timeout, reason, endpoint: url.endpoint), now: now)
        }
    }

    private func interrupt(_ link: PostgresLink, _ error: PostgresError, now: MonotonicTime) {
        let limit = now.advanced(by: options.cancelTimeout)
        let retryAt = now.advanced(by: Self.cancelPause)
        active?.ending = PostgresActiveCall.Ending(error: error, limit: limit, retryAt: retryAt)
        if active?.exchange.interrupt(link, reason: error.message) == true { return advance(link, now: now) }
        askToCancel(link, now: now)
    }

    /// The server drops a request that comes before it has read the statement, so that one may not be enough.
    private func askToCancel(_ link: PostgresLink, now: MonotonicTime) {
        guard let limit = active?.ending?.limit else { return }
        active?.ending?.retryAt = now.advanced(by: Self.cancelPause)
        guard canceller?.0.isDone ?? true, let cancel = link.makeCancel() else { return }
        canceller = (PostgresCanceller(cancel, waker: waker), limit)
    }

    private func abandon(_ call: PostgresActiveCall, _ ending: PostgresActiveCall.Ending) {
        active = nil
        var error = ending.error
        error.mayHaveHappened = true
        logger.warning("\(error); the connection is given up")
        call.waiter?.finish(.failure(error))
        drop()
    }
}
