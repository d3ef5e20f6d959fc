import Connections

/// A stream of changes for a watcher. It ends when `cancel` is called or the reading task is cancelled.
package struct StateWatch: Sendable {
    package enum Event: Sendable, Hashable {
        case changed(StateChange)
        /// The connection was lost and is there again: changes in between were not heard, so read what matters anew.
        case gap
    }

    /// An ordinary asynchronous sequence, for one reader, in the order in which the server announced the changes. A reader
    /// that falls far behind loses the oldest.
    package let events: AsyncCompactMapSequence<AsyncStream<RedisSubscriptionEvent>, Event>
    private let subscription: RedisSubscription

    init(_ kind: StateKind, _ subscription: RedisSubscription) {
        self.subscription = subscription
        events = subscription.events.compactMap { event in
            switch event {
            case .gap: .gap
            case .message(let payload):
                StateChange(kind: kind, channel: subscription.channel, payload: payload).map { .changed($0) }
            case .matched(let channel, let payload):
                StateChange(kind: kind, channel: String(decoding: channel, as: UTF8.self), payload: payload)
                    .map { .changed($0) }
            }
        }
    }

    /// Stops listening; `events` ends.
    package func cancel() { subscription.cancel() }
}
