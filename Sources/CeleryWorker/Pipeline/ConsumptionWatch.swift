import Connections

/// Notices a worker that gets nothing although its queues hold messages, and rebuilds its connection.
///
/// Seen with other workers after a reconnect (celery/celery#8030, #10205): alive, connected, and deaf.
struct ConsumptionWatch {
    /// How long nothing may come before the broker is asked.
    static let patience: Int64 = 30_000_000_000

    private var lastDelivery = MonotonicTime.now
    private var nextCheck = MonotonicTime.now.advanced(byNanoseconds: Self.patience)

    mutating func received() { lastDelivery = .now }

    mutating func reset() { lastDelivery = .now }

    /// Returns when it wants to be called again.
    mutating func turn(_ now: MonotonicTime, _ loop: ConsumerLoop) -> MonotonicTime {
        guard now >= nextCheck else { return nextCheck }
        nextCheck = now.advanced(byNanoseconds: Self.patience)
        guard let connection = loop.session.connection, !loop.isDraining, loop.unanswered == 0,
            now.nanoseconds(since: lastDelivery) > Self.patience
        else { return nextCheck }
        do throws(AMQPError) {
            if let queue = try loop.core.neglectedQueue(on: connection, isServed: loop.isServed) {
                loop.session.lose(
                    AMQPError(
                        .timedOut,
                        attempt: "consuming from queue \(queue)",
                        reason: "it holds messages, but none came for 30 s; connecting anew"
                    )
                )
            }
        } catch {
            loop.session.lose(error)
        }
        return nextCheck
    }
}
