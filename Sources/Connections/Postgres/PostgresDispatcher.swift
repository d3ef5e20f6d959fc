internal import Logging

/// Gives the connections of a pool to those who wait for one, in their order. Lives on the pool's thread.
///
/// A connection is opened when somebody waits and none is free. After a failed attempt there is a pause; while it lasts
/// and no connection stands, everybody who comes gets the reason of the failure at once.
final class PostgresDispatcher: ReactorSource {
    /// How long `close` lets calls run on.
    private static let closingLimit = Duration.seconds(5)

    private let inbox: PostgresInbox
    private let slots: [PostgresSlot]
    private let options: PostgresPoolOptions
    private let endpoint: String
    private let logger: Logger
    private var queue = FIFO<PostgresRequest>()
    private var backoff = Backoff()
    /// No attempt to connect before this time.
    private var retryAt = MonotonicTime(nanoseconds: 0)
    private var lastError: PostgresError?
    private var closingLimit: MonotonicTime?
    private var hasEnded = false

    let interest: ReactorInterest? = nil

    init(_ slots: [PostgresSlot], inbox: PostgresInbox, options: PostgresPoolOptions, endpoint: String, logger: Logger)
    {
        self.slots = slots
        self.inbox = inbox
        self.options = options
        self.endpoint = endpoint
        self.logger = logger
        backoff.longest = .seconds(2)
        for slot in slots { slot.dispatcher = self }
    }

    func turn(now: MonotonicTime, ready: ReactorEvents) -> MonotonicTime {
        let (requests, isClosing) = inbox.take()
        for request in requests { accept(request) }
        _ = assign(now: now)
        expire(now: now)
        inbox.setHeld(queue.count)
        if isClosing { close(now: now) }
        return next(now: now)
    }

    func shutDown() {
        hasEnded = true
        for request in inbox.end() + queue.takeAll() { request.fail(closed) }
    }

    /// A slot has become free, or lost its connection, or got one.
    ///
    /// - Returns: When this or another slot must have a turn again: at once if one was given something to do.
    func slotChanged(_ slot: PostgresSlot, now: MonotonicTime) -> MonotonicTime {
        let others = assign(now: now, first: slot)
        expire(now: now)
        inbox.setHeld(queue.count)
        return others || closingLimit != nil ? now : next(now: now)
    }

    func connected() {
        backoff = Backoff()
        backoff.longest = .seconds(2)
        lastError = nil
    }

    func connectFailed(_ error: PostgresError, now: MonotonicTime) {
        // Several attempts that fail together are one failure.
        if now >= retryAt {
            retryAt = now.advanced(byNanoseconds: backoff.next())
            logger.warning("\(error)")
        }
        lastError = error
    }

    private var closed: PostgresError { PostgresError(.closed, "the pool of connections is closed") }

    private func next(now: MonotonicTime) -> MonotonicTime {
        if let closingLimit, !hasEnded { return closingLimit }
        guard let first = queue.first else { return .distantFuture }
        return retryAt > now ? min(first.deadline, retryAt) : first.deadline
    }

    private func accept(_ request: PostgresRequest) {
        switch request {
        case .call, .turn: queue.append(request)
        case .callInTurn(let call, let turn): slots[turn.slot].accept(call, in: turn)
        case .endTurn(let turn): slots[turn.slot].end(turn)
        }
    }

    private func assign(now: MonotonicTime, first preferred: PostgresSlot? = nil) -> Bool {
        var others = false
        while let request = queue.first {
            if request.isFinished {
                _ = queue.popFirst()
                continue
            }
            guard let slot = freeSlot(preferred) else { break }
            _ = queue.popFirst()
            slot.start(request, now: now)
            others = others || slot !== preferred
        }
        return connectMore(now: now) || others
    }

    private func freeSlot(_ preferred: PostgresSlot?) -> PostgresSlot? {
        if let preferred, preferred.isFreeAndAlive() { return preferred }
        return slots.first { $0.isFreeAndAlive() }
    }

    /// Opens as many connections as there are waiting requests that no attempt is made for yet.
    private func connectMore(now: MonotonicTime) -> Bool {
        guard !queue.isEmpty else { return false }
        guard now >= retryAt else {
            failIfAlone()
            return false
        }
        var attempts = slots.count(where: \.isConnecting)
        var hasBegun = false
        for slot in slots where slot.isClosed && attempts < queue.count {
            slot.connect(now: now)
            attempts += 1
            hasBegun = true
        }
        return hasBegun
    }

    /// Nobody waits for a connection that will not come soon.
    private func failIfAlone() {
        guard let lastError, slots.allSatisfy(\.isDown) else { return }
        for request in queue.takeAll() { request.fail(lastError) }
    }

    /// The queue is in the order of its deadlines, because all wait equally long.
    private func expire(now: MonotonicTime) {
        while let request = queue.first, request.deadline <= now || request.isFinished {
            _ = queue.popFirst()
            request.fail(exhausted)
        }
    }

    private var exhausted: PostgresError {
        let busy = slots.count { !$0.isClosed && !$0.isConnecting }
        let limit = options.acquireTimeout.inSeconds
        if busy == 0, let lastError { return lastError }
        return PostgresError(
            .poolExhausted,
            "none of \(busy) connections became free within \(limit) s; let calls be shorter or the pool larger",
            endpoint: endpoint
        )
    }

    private func close(now: MonotonicTime) {
        guard !hasEnded else { return }
        let limit = closingLimit ?? now.advanced(by: Self.closingLimit)
        closingLimit = limit
        for request in queue.takeAll() { request.fail(closed) }
        guard slots.allSatisfy(\.isIdle) || now >= limit else { return }
        for slot in slots { slot.shutDown() }
        shutDown()
    }
}
