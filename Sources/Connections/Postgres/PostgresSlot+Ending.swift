import CLibpq
internal import Logging

extension PostgresSlot {
    /// Stops the running call when its task was cancelled or its time is over, and gives up the connection when the
    /// server does not even answer that.
    func interruptIfNeeded(_ link: PostgresLink, now: MonotonicTime) {
        guard let call = active else { return }
        if let ending = call.ending {
            if ending.limit <= now { abandon(call, ending) }
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
        active?.ending = PostgresActiveCall.Ending(error: error, limit: limit)
        if active?.exchange.interrupt(link, reason: error.message) == true { return advance(link, now: now) }
        guard let cancel = link.makeCancel() else { return }
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
