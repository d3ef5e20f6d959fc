import Synchronization

/// Pub/Sub for any task: many channels over one connection of its own, subscribed again after each loss.
package final class RedisSubscriber: Sendable {
    /// What tasks ask of the reactor thread.
    enum Request: Sendable {
        case listen(RedisTopic, id: UInt64, AsyncStream<RedisSubscriptionEvent>.Continuation, RedisWaiter)
        case leave(RedisTopic, id: UInt64)
    }

    package let url: RedisURL
    private let options: RedisClientOptions
    private let inbox: RedisInbox<Request>
    private let reactor: Reactor?
    private let lastID = Atomic<UInt64>(0)

    /// A subscriber with a thread of its own.
    package init(url: RedisURL, options: RedisClientOptions = .init()) {
        let inbox = RedisInbox<Request>()
        self.url = url
        self.options = options
        self.inbox = inbox
        reactor = Reactor(name: "chard-pubsub") { waker in
            [RedisSubscriberSource(url: url, options: options, inbox: inbox, waker: waker)]
        }
    }

    /// A subscriber whose connection lives on a reactor that the caller makes; calls wait until `makeSource` was called
    /// there.
    package init(unattachedTo url: RedisURL, options: RedisClientOptions = .init()) {
        self.url = url
        self.options = options
        inbox = RedisInbox()
        reactor = nil
    }

    deinit { close() }

    /// Makes the connection of an unattached subscriber. To be called once, on the reactor's thread.
    package func makeSource(waker: Waker) -> any ReactorSource {
        RedisSubscriberSource(url: url, options: options, inbox: inbox, waker: waker)
    }

    /// Ends the connection and all subscriptions. Returns at once.
    package func close() {
        inbox.close()
        reactor?.stop()
    }

    /// Listens on a channel. Returns when the server has confirmed it, so what is published from then on arrives, and a
    /// GET after it cannot miss what happened before.
    ///
    /// - Parameters:
    ///   - buffering: How many events are kept for a slow reader; the oldest are dropped beyond it.
    ///   - timeout: For the confirmation; the options' default if `nil`.
    package func subscribe(
        _ channel: String,
        buffering: Int = 256,
        timeout: Duration? = nil
    ) async throws(RedisError) -> RedisSubscription {
        try await subscribe(RedisTopic(name: Array(channel.utf8), isPattern: false), channel, buffering, timeout)
    }

    /// Listens on all channels whose names match a pattern such as `session:*:data`; otherwise as on one channel. Events
    /// are `matched`.
    package func subscribe(
        pattern: String,
        buffering: Int = 256,
        timeout: Duration? = nil
    ) async throws(RedisError) -> RedisSubscription {
        try await subscribe(RedisTopic(name: Array(pattern.utf8), isPattern: true), pattern, buffering, timeout)
    }

    private func subscribe(
        _ topic: RedisTopic,
        _ text: String,
        _ buffering: Int,
        _ timeout: Duration?
    ) async throws(RedisError) -> RedisSubscription {
        let (events, continuation) = AsyncStream.makeStream(
            of: RedisSubscriptionEvent.self,
            bufferingPolicy: .bufferingNewest(buffering)
        )
        let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
        let waiter = RedisWaiter(limit: timeout ?? options.timeout)
        do throws(RedisError) {
            _ = try await waiter.wait {
                continuation.onTermination = { [inbox] _ in _ = inbox.put(.leave(topic, id: id)) }
                if inbox.put(.listen(topic, id: id, continuation, waiter)) != nil {
                    waiter.finish(.failure(.closed))
                }
            }
        } catch {
            continuation.finish()
            throw error
        }
        return RedisSubscription(channel: text, events: events, continuation: continuation)
    }
}
