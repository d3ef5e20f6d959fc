/// The part of a `RedisSubscriber` that lives on the reactor's thread.
final class RedisSubscriberSource: ReactorSource {
    private struct Channel {
        var listeners: [UInt64: AsyncStream<RedisSubscriptionEvent>.Continuation] = [:]
        /// Those whose `subscribe` has not returned.
        var waiters: [RedisWaiter] = []
        /// Which SUBSCRIBE of this channel counts: an older one's confirmation says nothing about the newest.
        var generation: UInt64
        var isConfirmed = false
        /// Whether listeners have been told that it stands, so that a break is a gap to them.
        var wasConfirmed = false
    }

    /// Commands that the server has not confirmed, in order.
    private enum Pending {
        case subscribe(RedisTopic, generation: UInt64)
        case unsubscribe
    }

    private let connection: RedisConnection
    private let inbox: RedisInbox<RedisSubscriber.Request>
    private let onStateChange: (@Sendable (RedisConnectionState) -> Void)?
    private var channels: [RedisTopic: Channel] = [:]
    private var pending = FIFO<Pending>()
    private var deadlines = RedisDeadlines()
    private var lastGeneration: UInt64 = 0
    private var isClosed = false

    init(
        url: RedisURL,
        options: RedisClientOptions,
        inbox: RedisInbox<RedisSubscriber.Request>,
        waker: Waker
    ) {
        var connectionOptions = options.connection
        // Nothing is ever sent on a quiet channel, so only a PING can tell that the server is gone.
        connectionOptions.idlePing = min(connectionOptions.idlePing, .seconds(5))
        connectionOptions.scripts = []
        connection = RedisConnection(url: url, options: connectionOptions, waker: waker)
        self.inbox = inbox
        onStateChange = options.onStateChange
        connection.handler = { [unowned self] in take($0) }
        connection.messageHandler = { [unowned self] in deliver($2, of: $0, on: $1) }
        connection.onStateChange = { [unowned self] in stateChanged(to: $0) }
        inbox.attach(waker)
    }

    var interest: ReactorInterest? { connection.interest }

    func turn(now: MonotonicTime, ready: ReactorEvents) -> MonotonicTime {
        let (requests, isClosed) = inbox.take()
        for request in requests { accept(request) }
        if !requests.isEmpty { connection.flush() }
        let deadline = connection.turn(now: now, ready: ready)
        expire(now: now)
        inbox.setHeld(0)
        if isClosed, !self.isClosed { shutDown() }
        return min(deadline, deadlines.next)
    }

    func shutDown() {
        isClosed = true
        inbox.close()
        connection.shutDown()
        for request in inbox.take().items { accept(request) }
        let ended = channels
        channels = [:]
        for channel in ended.values { end(channel, with: .closed) }
    }

    private func accept(_ request: RedisSubscriber.Request) {
        switch request {
        case .listen(let topic, let id, let continuation, let waiter):
            listen(to: topic, id: id, continuation, waiter)
        case .leave(let topic, let id):
            leave(topic, id: id)
        }
    }

    private func listen(
        to topic: RedisTopic,
        id: UInt64,
        _ continuation: AsyncStream<RedisSubscriptionEvent>.Continuation,
        _ waiter: RedisWaiter
    ) {
        if case .down(let error) = connection.state, case .authenticationRefused = error {
            return waiter.finish(.failure(error))
        }
        let isNew = channels[topic] == nil
        channels[topic, default: Channel(generation: 0)].listeners[id] = continuation
        if channels[topic]?.isConfirmed == true { return waiter.finish(.success([])) }
        channels[topic]?.waiters.append(waiter)
        deadlines.add(waiter)
        if isNew { subscribe(topic) }
    }

    private func leave(_ topic: RedisTopic, id: UInt64) {
        guard channels[topic]?.listeners.removeValue(forKey: id) != nil else { return }
        guard channels[topic]?.listeners.isEmpty == true else { return }
        channels[topic] = nil
        guard connection.isReady else { return }
        pending.append(.unsubscribe)
        connection.append(topic.unsubscribeCommand.bytes, replies: 1, token: 0, wantValues: true)
    }

    /// Sends SUBSCRIBE, if there is a connection; if not, that is done when there is one.
    private func subscribe(_ topic: RedisTopic) {
        guard connection.isReady else { return }
        lastGeneration += 1
        channels[topic]?.generation = lastGeneration
        pending.append(.subscribe(topic, generation: lastGeneration))
        connection.append(topic.subscribeCommand.bytes, replies: 1, token: 0, wantValues: true)
    }

    private func stateChanged(to state: RedisConnectionState) {
        switch state {
        case .starting: break
        case .ready:
            for topic in channels.keys { subscribe(topic) }
        case .down(let error):
            for topic in channels.keys { channels[topic]?.isConfirmed = false }
            if case .authenticationRefused = error { failWaiters(with: error) }
        }
        onStateChange?(state)
    }

    private func take(_ reply: RedisBatchReply) {
        guard let command = pending.popFirst(), reply.outcome == .answered else { return }
        guard case .subscribe(let topic, let generation) = command else { return }
        guard var channel = channels[topic], channel.generation == generation else { return }
        if let error = reply.firstError {
            channels[topic] = nil
            return end(channel, with: .server(error))
        }
        let waiters = channel.waiters
        let wasConfirmed = channel.wasConfirmed
        channel.waiters = []
        channel.isConfirmed = true
        channel.wasConfirmed = true
        channels[topic] = channel
        if wasConfirmed {
            for listener in channel.listeners.values { listener.yield(.gap) }
        }
        for waiter in waiters { waiter.finish(.success([])) }
    }

    private func deliver(_ payload: [UInt8], of topic: RedisTopic, on channel: [UInt8]) {
        guard let listeners = channels[topic]?.listeners else { return }
        let event: RedisSubscriptionEvent =
            topic.isPattern ? .matched(channel: channel, payload: payload) : .message(payload)
        for listener in listeners.values { listener.yield(event) }
    }

    private func end(_ channel: Channel, with error: RedisError) {
        for waiter in channel.waiters { waiter.finish(.failure(error)) }
        for listener in channel.listeners.values { listener.finish() }
    }

    private func failWaiters(with error: RedisError) {
        for (topic, channel) in channels {
            for waiter in channel.waiters { waiter.finish(.failure(error)) }
            channels[topic]?.waiters = []
        }
    }

    private func expire(now: MonotonicTime) {
        guard deadlines.isDue(now) else { return }
        for (topic, channel) in channels where !channel.waiters.isEmpty {
            channels[topic]?.waiters = channel.waiters.filter { !isOver($0, now: now) }
        }
    }

    private func isOver(_ waiter: RedisWaiter, now: MonotonicTime) -> Bool {
        if waiter.isFinished { return true }
        guard waiter.deadline <= now else {
            deadlines.add(waiter, after: now)
            return false
        }
        waiter.finish(.failure(lateness(of: waiter)))
        return true
    }

    private func lateness(of waiter: RedisWaiter) -> RedisError {
        switch connection.state {
        case .down(.lost(let endpoint, let reason)): .notConnected(endpoint: endpoint, reason: reason)
        case .down(let error): error
        case .starting: .notConnected(endpoint: connection.endpoint, reason: "still connecting")
        case .ready: .timedOut(endpoint: connection.endpoint, command: "SUBSCRIBE", after: waiter.limit)
        }
    }
}
