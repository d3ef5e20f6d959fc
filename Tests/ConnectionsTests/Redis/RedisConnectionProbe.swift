@testable import Connections

/// A `RedisConnection` on a reactor of its own, steered from a test: what it reports comes out as a stream.
final class RedisConnectionProbe: Sendable {
    enum Event: Sendable, Equatable {
        case state(RedisConnectionState)
        case reply(token: UInt64, RedisBatchReply.Outcome, error: String?, errors: Int, values: [RedisValue])
    }

    typealias Job = @Sendable (RedisConnection) -> Void

    let events: AsyncStream<Event>
    private let reactor: Reactor

    init(url: RedisURL, options: RedisConnectionOptions = .init(), before: @escaping Job = { _ in }) {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        self.events = events
        let inbox = RedisInbox<Job>()
        self.inbox = inbox
        reactor = Reactor(name: "probe") { waker in
            let connection = RedisConnection(url: url, options: options, waker: waker)
            connection.onStateChange = { continuation.yield(.state($0)) }
            connection.handler = { reply in
                let error = reply.firstError?.description
                continuation.yield(
                    .reply(
                        token: reply.token,
                        reply.outcome,
                        error: error,
                        errors: reply.errorCount,
                        values: reply.values
                    )
                )
            }
            before(connection)
            inbox.attach(waker)
            return [Steering(connection: connection, inbox: inbox), connection]
        }
    }

    private let inbox: RedisInbox<Job>

    deinit { reactor.stop() }

    /// Runs on the connection's thread.
    func perform(_ job: @escaping Job) { _ = inbox.put(job) }

    func append(_ commands: [RedisCommand], token: UInt64, wantValues: Bool = false) {
        perform { connection in
            connection.append(
                commands.flatMap(\.bytes),
                replies: commands.count,
                token: token,
                wantValues: wantValues
            )
            connection.flush()
        }
    }

    private final class Steering: ReactorSource {
        let connection: RedisConnection
        let inbox: RedisInbox<Job>

        init(connection: RedisConnection, inbox: RedisInbox<Job>) {
            self.connection = connection
            self.inbox = inbox
        }

        var interest: ReactorInterest? { nil }

        func turn(now: MonotonicTime, ready: ReactorEvents) -> MonotonicTime {
            for job in inbox.take().items { job(connection) }
            return .distantFuture
        }

        func shutDown() {}
    }
}
