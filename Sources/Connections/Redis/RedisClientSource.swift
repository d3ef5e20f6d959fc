/// The part of a `RedisClient` that lives on the reactor's thread.
final class RedisClientSource: ReactorSource {
    private let connection: RedisConnection
    private let inbox: RedisInbox<RedisCall>
    private let onStateChange: (@Sendable (RedisConnectionState) -> Void)?
    /// Calls that wait for a connection, in order.
    private var waiting: [RedisCall] = []
    /// Calls that the connection has, in order: it answers in the same order.
    private var sent = FIFO<RedisCall>()
    /// Unsent calls of a broken connection, while its losses are being reported.
    private var returned: [RedisCall] = []
    private var deadlines = RedisDeadlines()
    private var isClosed = false

    init(url: RedisURL, options: RedisClientOptions, inbox: RedisInbox<RedisCall>, waker: Waker) {
        connection = RedisConnection(url: url, options: options.connection, waker: waker)
        self.inbox = inbox
        onStateChange = options.onStateChange
        connection.handler = { [unowned self] in take($0) }
        connection.onStateChange = { [unowned self] in stateChanged(to: $0) }
        inbox.attach(waker)
    }

    var interest: ReactorInterest? { connection.interest }

    func turn(now: MonotonicTime, ready: ReactorEvents) -> MonotonicTime {
        let (calls, isClosed) = inbox.take()
        for call in calls { accept(call) }
        let deadline = connection.turn(now: now, ready: ready)
        sendWaiting()
        expire(now: now)
        inbox.setHeld(waiting.count + sent.count)
        if isClosed, !self.isClosed { shutDown() }
        return min(deadline, deadlines.next)
    }

    func shutDown() {
        isClosed = true
        inbox.close()
        connection.shutDown()
        let (calls, _) = inbox.take()
        for call in waiting + calls { call.waiter.finish(.failure(.closed)) }
        waiting = []
    }

    private func accept(_ call: RedisCall) {
        if case .down(let error) = connection.state, case .authenticationRefused = error {
            return call.waiter.finish(.failure(error))
        }
        waiting.append(call)
        deadlines.add(call.waiter)
    }

    private func sendWaiting() {
        guard connection.isReady, !waiting.isEmpty else { return }
        for call in waiting where !call.waiter.isFinished {
            sent.append(call)
            connection.append(call.bytes, replies: call.replies, token: 0, wantValues: true)
        }
        waiting.removeAll(keepingCapacity: waiting.count <= 1_024)
        connection.flush()
    }

    private func take(_ reply: RedisBatchReply) {
        guard let call = sent.popFirst() else { return }
        switch reply.outcome {
        case .answered:
            call.waiter.finish(.success(reply.values))
        case .lost(written: false) where !isClosed:
            // The server has not seen it: it goes out again, in its old order, before the calls that came later.
            returned.append(call)
            if sent.isEmpty { takeBackReturned() }
        case .lost:
            call.waiter.finish(.failure(isClosed ? .closed : lossError))
            if sent.isEmpty { takeBackReturned() }
        }
    }

    private func takeBackReturned() {
        guard !returned.isEmpty else { return }
        waiting.insert(contentsOf: returned, at: 0)
        returned = []
    }

    private var lossError: RedisError {
        switch connection.state {
        case .down(let error): error
        case .starting, .ready: .lost(endpoint: connection.endpoint, reason: "the connection broke")
        }
    }

    private func stateChanged(to state: RedisConnectionState) {
        if case .down(let error) = state, case .authenticationRefused = error {
            for call in waiting { call.waiter.finish(.failure(error)) }
            waiting = []
        }
        onStateChange?(state)
    }

    private func expire(now: MonotonicTime) {
        guard deadlines.isDue(now) else { return }
        waiting.removeAll { isOver($0, now: now, wasSent: false) }
        // A call that was sent keeps its place: its replies still come.
        for call in sent { _ = isOver(call, now: now, wasSent: true) }
    }

    private func isOver(_ call: RedisCall, now: MonotonicTime, wasSent: Bool) -> Bool {
        if call.waiter.isFinished { return true }
        guard call.waiter.deadline <= now else {
            deadlines.add(call.waiter, after: now)
            return false
        }
        call.waiter.finish(.failure(wasSent ? timedOut(call) : connectionError ?? timedOut(call)))
        return true
    }

    private func timedOut(_ call: RedisCall) -> RedisError {
        .timedOut(endpoint: connection.endpoint, command: call.name, after: call.waiter.limit)
    }

    /// Why there is no connection; `nil` when there is one.
    private var connectionError: RedisError? {
        switch connection.state {
        case .ready: nil
        case .starting: .notConnected(endpoint: connection.endpoint, reason: "still connecting")
        case .down(.lost(let endpoint, let reason)): .notConnected(endpoint: endpoint, reason: reason)
        case .down(let error): error
        }
    }
}
