import CLibpq
internal import Logging

/// The place of one connection in a pool: opens it, runs calls on it one after the other, and drops it when it is broken.
///
/// Lives on the pool's thread. A new connection takes the place of a broken one when somebody waits for it.
final class PostgresSlot: ReactorSource {
    enum Phase {
        case closed
        case resolving(MonotonicTime)
        case connecting(PostgresLink, PostgresPollingStatusType, MonotonicTime)
        case ready(PostgresLink)
    }

    let number: Int
    let url: PostgresURL
    let options: PostgresPoolOptions
    let logger: Logger
    let waker: Waker
    let resolver: HostResolver
    /// Set by the dispatcher, which owns the slots and lives as long.
    unowned var dispatcher: PostgresDispatcher!

    var phase = Phase.closed
    var cache = PostgresStatementCache()
    /// Whose turn it is, while it is somebody's.
    var turn: PostgresTurn?
    private var lastTurn: UInt64 = 0
    /// Calls of the turn that wait for the one before.
    var pending = FIFO<PostgresCall>()
    var active: PostgresActiveCall?
    /// A request to cancel that the server has not taken yet, and until when it has time.
    var canceller: (PostgresCanceller, limit: MonotonicTime)?
    /// Whether the dispatcher must hear that something changed.
    var hasChanged = false
    /// Since when nobody uses it; `distantFuture` while somebody does.
    var unusedSince = MonotonicTime.distantFuture

    init(number: Int, url: PostgresURL, options: PostgresPoolOptions, logger: Logger, waker: Waker) {
        self.number = number
        self.url = url
        self.options = options
        self.logger = logger
        self.waker = waker
        resolver = HostResolver(waker: waker)
    }

    var isDown: Bool { if case .closed = phase { true } else { false } }
    /// Whether a connection can be opened here.
    var isClosed: Bool { isDown && turn == nil }

    var isConnecting: Bool {
        switch phase {
        case .resolving, .connecting: true
        case .closed, .ready: false
        }
    }

    /// Whether nobody uses it.
    var isIdle: Bool { turn == nil && active == nil && canceller == nil }

    /// Whether a call can begin here now: looks whether the server has closed the connection meanwhile.
    func isFreeAndAlive() -> Bool {
        guard isIdle, case .ready(let link) = phase, link.transactionStatus == PQTRANS_IDLE else { return false }
        guard link.consumeInput(), !link.isBusy, !link.isBroken else {
            loseIdle()
            return false
        }
        return true
    }

    var interest: ReactorInterest? {
        switch phase {
        case .closed, .resolving: nil
        case .connecting(let link, let status, _):
            ReactorInterest(descriptor: link.descriptor, events: status == PGRES_POLLING_READING ? .read : .write)
        case .ready(let link):
            ReactorInterest(descriptor: link.descriptor, events: link.flush() ? .read : [.read, .write])
        }
    }

    func turn(now: MonotonicTime, ready: ReactorEvents) -> MonotonicTime {
        switch phase {
        case .closed: failPending()
        case .resolving, .connecting: continueConnecting(now: now, ready: ready)
        case .ready(let link): work(link, now: now, ready: ready)
        }
        guard hasChanged else { return deadline }
        hasChanged = false
        unusedSince = isIdle ? now : .distantFuture
        let next = dispatcher.slotChanged(self, now: now)
        // What the dispatcher gave may have failed already.
        return hasChanged ? now : min(next, deadline)
    }

    func shutDown() {
        let closed = PostgresError(.closed, "the pool of connections was closed", endpoint: url.endpoint)
        if let active {
            var error = closed
            error.mayHaveHappened = true
            active.waiter?.finish(.failure(error))
        }
        active = nil
        canceller = nil
        for call in pending.takeAll() { call.waiter.finish(.failure(closed)) }
        phase = .closed
    }

    /// Begins what the dispatcher gives; only when `isFreeAndAlive`.
    func start(_ request: PostgresRequest, now: MonotonicTime) {
        switch request {
        case .call(let call):
            begin(call, now: now)
        case .turn(let waiter):
            lastTurn += 1
            let turn = PostgresTurn(slot: number, number: lastTurn)
            self.turn = turn
            if !waiter.finish(.success(turn)) { self.turn = nil }
        case .callInTurn, .endTurn:
            break
        }
        unusedSince = isIdle ? now : .distantFuture
    }

    func accept(_ call: PostgresCall, in turn: PostgresTurn) {
        guard turn == self.turn else {
            call.waiter.finish(.failure(PostgresError(.closed, "the turn on this connection is over")))
            return
        }
        pending.append(call)
    }

    func end(_ turn: PostgresTurn) {
        guard turn == self.turn else { return }
        self.turn = nil
        hasChanged = true
    }

    /// The connection breaks while nobody uses it: the next call gets a new one.
    func loseIdle() {
        logger.debug("an idle connection to PostgreSQL at \(url.endpoint) was closed by the server")
        drop()
    }

    /// Gives up the connection, whatever it does.
    func drop() {
        phase = .closed
        cache = PostgresStatementCache()
        canceller = nil
        hasChanged = true
    }

    private var deadline: MonotonicTime {
        switch phase {
        case .closed: .distantFuture
        case .resolving(let limit), .connecting(_, _, let limit): limit
        case .ready:
            if let active {
                active.exchange.canGoOn ? MonotonicTime(nanoseconds: 0) : active.next
            } else if let canceller {
                canceller.limit
            } else {
                idleLimit
            }
        }
    }

    private var idleLimit: MonotonicTime { unusedSince.advanced(by: options.idleTimeout) }

    /// Closes the connection when it was not used for long.
    func expireIdle(now: MonotonicTime) {
        guard isIdle, idleLimit <= now else { return }
        drop()
    }
}
