/// What a subscription tells.
package enum RedisSubscriptionEvent: Sendable, Hashable {
    /// The payload of one published message.
    case message([UInt8])
    /// One published message for a subscription to a pattern, and the channel that it was published on.
    case matched(channel: [UInt8], payload: [UInt8])
    /// The connection had been lost and the channel is subscribed again: messages in between are missed for good.
    case gap
}

/// One listener on one channel, or on a pattern of channels. It ends when `cancel` is called, when `events` is released, or when the task that reads
/// it is cancelled; the last listener of a channel takes its subscription along.
package struct RedisSubscription: Sendable {
    /// Its name, or the pattern.
    package let channel: String
    /// Messages in the order of their arrival, for one reader. It keeps the newest when the reader is slow.
    package let events: AsyncStream<RedisSubscriptionEvent>
    private let continuation: AsyncStream<RedisSubscriptionEvent>.Continuation

    init(
        channel: String,
        events: AsyncStream<RedisSubscriptionEvent>,
        continuation: AsyncStream<RedisSubscriptionEvent>.Continuation
    ) {
        self.channel = channel
        self.events = events
        self.continuation = continuation
    }

    /// Stops listening; `events` ends.
    package func cancel() { continuation.finish() }
}
