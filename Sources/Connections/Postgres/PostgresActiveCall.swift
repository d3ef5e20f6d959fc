/// The call that a connection works on.
struct PostgresActiveCall {
    /// Why it is to end early, and how long the server has to do so.
    struct Ending {
        let error: PostgresError
        let limit: MonotonicTime
        /// When the server is asked (again) to cancel: a request that comes before the statement has no effect.
        var retryAt: MonotonicTime
    }

    /// `nil` for what the connection does on its own.
    let waiter: PostgresWaiter<[PostgresRows]>?
    let exchange: any PostgresExchange
    let timeout: Duration
    /// When its time is over.
    private(set) var deadline: MonotonicTime
    private var progress = 0
    var ending: Ending?

    init(
        _ exchange: any PostgresExchange,
        waiter: PostgresWaiter<[PostgresRows]>?,
        timeout: Duration,
        now: MonotonicTime
    ) {
        self.waiter = waiter
        self.exchange = exchange
        self.timeout = timeout
        deadline = now.advanced(by: timeout)
    }

    /// When something must be done about it although nothing was heard.
    var next: MonotonicTime {
        if let ending { return min(ending.limit, ending.retryAt) }
        return exchange.waitsForCaller ? .distantFuture : deadline
    }

    /// Begins the time anew when data went on, or while it is the caller who makes it wait.
    mutating func noteProgress(now: MonotonicTime) {
        guard exchange.progress != progress || exchange.waitsForCaller else { return }
        progress = exchange.progress
        deadline = now.advanced(by: timeout)
    }

    /// Tells the waiting task how it ended.
    func finish(_ outcome: Result<[PostgresRows], PostgresError>) {
        guard case .failure(let error) = outcome, var reason = ending?.error ?? cancellation(of: error) else {
            waiter?.finish(outcome)
            return
        }
        // A refusal by the server proves that nothing stays of it.
        reason.mayHaveHappened = error.sqlState == nil
        waiter?.finish(.failure(reason))
    }

    /// A cancelled task may end the data of its COPY before it is seen that it was cancelled (57014: query_canceled).
    private func cancellation(of error: PostgresError) -> PostgresError? {
        guard waiter?.isCancelled == true, error.sqlState == "57014" else { return nil }
        return PostgresError(.cancelled, "the call was cancelled", endpoint: error.endpoint)
    }
}
