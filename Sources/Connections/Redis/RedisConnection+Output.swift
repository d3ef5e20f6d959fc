extension RedisConnection {
    /// Writes what the socket takes now (at most 1 MiB); the rest goes out in later turns. Never waits.
    package func flush() {
        guard case .ready(let socket, _) = phase, !output.isEmpty, outputFailure == nil else { return }
        let wasHeadUnsent = isHeadUnsent
        do throws(RedisSocket.Failure) {
            let written = try output.write(to: socket, budget: Self.budgetPerTurn)
            // As long as the server has not got the whole question, each part it takes is progress; afterwards only an
            // answer is, or a stopped server would look alive until its socket is full.
            if written > 0, wasHeadUnsent { lastProgress = .now }
        } catch {
            // The next turn looks after it: this may be called from within a handler.
            outputFailure = error
        }
    }

    private var isHeadUnsent: Bool {
        guard let first = batches.first else { return false }
        return first.end > output.sent
    }

    /// Batches that will never be answered, each with whether any of it has been written. Empties all queues.
    func takeUnanswered() -> [RedisBatchReply] {
        let sent = output.sent
        let lost = batches.takeAll().lazy.filter { $0.purpose == .owner }.map { batch in
            RedisBatchReply(token: batch.token, outcome: .lost(written: batch.start < sent))
        }
        let replies = Array(lost)
        output.removeAll()
        current = RedisReplyCollector()
        outputFailure = nil
        isReloadingScripts = false
        return replies
    }

    func report(_ replies: [RedisBatchReply]) {
        for reply in replies { handler(reply) }
    }

    func reportLost() { report(takeUnanswered()) }
}
