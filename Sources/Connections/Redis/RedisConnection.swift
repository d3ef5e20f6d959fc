/// One connection to a Redis server that keeps itself alive: it connects, logs in, loads its scripts, and after a loss
/// does it all again, for ever, with pauses that grow.
///
/// Lives on a reactor's thread and is used there only. Commands go in by `append` and out by `flush`; when all replies
/// of a batch are there, `handler` gets them, batch by batch in order. What was appended while there is no connection
/// waits for one. When a connection breaks, every batch that was appended before and is not answered is reported as
/// `.lost`, in order, after `onStateChange`.
///
/// A connection speaks to one server. For a cluster there would be one per node, chosen by `RedisCommand.key`.
package final class RedisConnection: ReactorSource {
    enum Phase {
        /// Until the time of the next attempt.
        case waiting(MonotonicTime)
        /// Until an address is there, at most until the time.
        case resolving(MonotonicTime)
        case connecting(RedisSocket, MonotonicTime)
        /// Logging in: the number of answers that have come, and how long it may take.
        case greeting(RedisSocket, answered: Int, MonotonicTime)
        case ready(RedisSocket, since: MonotonicTime)
        /// Shut down for good.
        case closed
    }

    /// How much one turn reads or writes before the other sources of the reactor get theirs.
    static let budgetPerTurn = 1 << 20

    /// Gets what became of each batch. May append and flush.
    package var handler: (RedisBatchReply) -> Void = { _ in }
    /// Told once per change of state. May append.
    package var onStateChange: (RedisConnectionState) -> Void = { _ in }
    /// Gets published messages if set (arrays that begin with `message`, `pmessage`, `smessage`); such replies answer
    /// nothing.
    var messageHandler: ((_ topic: RedisTopic, _ channel: [UInt8], _ payload: [UInt8]) -> Void)?

    package private(set) var state = RedisConnectionState.starting
    package let endpoint: String

    let url: RedisURL
    let options: RedisConnectionOptions
    let greeting: RedisGreeting
    let resolver: HostResolver
    var phase = Phase.waiting(MonotonicTime(nanoseconds: 0))
    /// How many connections have ended: tells whether a handler has ended the one that is being read.
    var endings = 0
    var backoff: Backoff
    /// Addresses of the host that this round of attempts has not tried yet.
    var untried: [RedisAddress] = []
    var greetingOutput = RedisOutput()
    var output = RedisOutput()
    var batches = RedisBatchQueue()
    /// What has come of the first batch so far.
    var current = RedisReplyCollector()
    /// Why the socket takes no more; what it still gives is read before the connection is given up.
    var outputFailure: RedisSocket.Failure?
    /// Whether the scripts are on their way once more.
    var isReloadingScripts = false
    /// When the server last showed a sign of life, or when it began to owe us one.
    var lastProgress = MonotonicTime(nanoseconds: 0)

    /// - Parameter waker: The waker of the reactor it lives on.
    package init(url: RedisURL, options: RedisConnectionOptions = .init(), waker: Waker) {
        self.url = url
        self.options = options
        endpoint = url.endpointDescription
        greeting = RedisGreeting(url: url, options: options)
        resolver = HostResolver(waker: waker)
        backoff = options.backoff
    }

    /// Whether commands go out at once.
    package var isReady: Bool {
        if case .ready = phase { true } else { false }
    }

    /// How many replies the server owes, including those to commands that wait here.
    package var unanswered: Int { batches.unanswered }

    /// How many bytes wait here for the socket.
    package var bytesToWrite: Int { output.appended - output.sent }

    /// Queues a batch of complete commands; `flush` writes it. The connection may put commands of its own (PING, SCRIPT
    /// LOAD) between two batches, so a MULTI and its EXEC belong into one.
    ///
    /// - Parameters:
    ///   - bytes: Whole commands in RESP.
    ///   - replies: How many replies they get: one per command, at least 1.
    ///   - token: Comes back with the outcome. Need not be unique.
    ///   - wantValues: Whether the replies themselves are wanted; else only errors are kept.
    package func append(_ bytes: [UInt8], replies: Int, token: UInt64, wantValues: Bool = false) {
        precondition(replies > 0, "a batch has at least one reply")
        append(bytes, replies: replies, token: token, wantValues: wantValues, purpose: .owner)
    }

    func append(
        _ bytes: [UInt8],
        replies: Int,
        token: UInt64 = 0,
        wantValues: Bool = false,
        purpose: RedisBatchQueue.Purpose
    ) {
        if batches.isEmpty { lastProgress = .now }
        let start = output.appended
        output.append(bytes)
        batches.append(
            .init(
                token: token,
                replies: replies,
                start: start,
                end: output.appended,
                wantValues: wantValues,
                purpose: purpose
            )
        )
    }

    /// Breaks the connection on purpose; it is then rebuilt. What is unanswered is reported as lost.
    package func drop(reason: String) {
        if case .closed = phase { return }
        fail(.lost(endpoint: endpoint, reason: reason), now: .now)
    }

    package func shutDown() {
        phase = .closed
        endings += 1
        change(to: .down(.closed))
        reportLost()
    }

    func change(to new: RedisConnectionState) {
        guard new != state else { return }
        state = new
        onStateChange(new)
    }
}
