import CeleryProtocol
import Connections

/// Messages that are to come later wait in the broker, not in a worker's memory.
///
/// For each power of two of seconds there is an exchange and a queue `chard.delay.<n>` whose messages expire after 2ⁿ
/// seconds and are then dead-lettered to the default exchange with the routing key they came with: the name of their
/// queue. A worker that gets one before its time sends it on to a smaller power, so that a wait takes as many hops as
/// it has bits, and the last two seconds are held in memory. Rate limits, under which many messages wait for a moment,
/// also use fractions of a second: `chard.delay.500ms` and so on to 31 ms.
extension Celery {
    /// Waits up to this long are held by the worker.
    static let holdLimit = Duration.seconds(2)
    private static let longestLevel = 20
    private static let finestLevel = -5

    /// Publishes to the queue that is the routing key, now or on the detour of a delay.
    ///
    /// - Parameter isFine: Whether it takes a detour even for fractions of a second.
    func publish(
        _ publication: TaskPublication,
        delay: Duration = .zero,
        isFine: Bool = false
    ) async throws(AMQPError) {
        var message = AMQPMessage(publication)
        let chosen = isFine ? Self.fineLevel(of: delay) : Self.level(of: delay)
        guard let level = chosen else { return try await publish([message]) }
        message.exchange = Self.delayName(level)
        do throws(AMQPError) {
            try await publisher.publish(message, timeout: configuration.broker.publishTimeout)
        } catch {
            switch error.code {
            case .unroutable, .channelClosed(404): break
            default: throw error
            }
            try await declareDelay(level)
            try await publisher.publish(message, timeout: configuration.broker.publishTimeout)
        }
    }

    /// The largest power of two seconds that fits into the delay; nil when it is short enough to be held.
    static func level(of delay: Duration) -> Int? {
        let seconds = delay.components.seconds
        guard delay >= .seconds(1), seconds >= 1 else { return nil }
        return min(longestLevel, Int64.bitWidth - 1 - seconds.leadingZeroBitCount)
    }

    /// The same with fractions of a second, down to 2⁻⁵, which also stands for what is shorter.
    static func fineLevel(of delay: Duration) -> Int {
        if let level = level(of: delay) { return level }
        return (finestLevel...(-1)).reversed().first { .milliseconds(1000 >> -$0) <= delay } ?? finestLevel
    }

    private static func delayName(_ level: Int) -> String {
        level < 0 ? "chard.delay.\(1000 >> -level)ms" : "chard.delay.\(level)"
    }

    /// How long a message stays in the broker before a worker sees it again.
    static func hop(of delay: Duration) -> Duration { level(of: delay).map { .seconds(1 << $0) } ?? .zero }

    private func declareDelay(_ level: Int) async throws(AMQPError) {
        let name = Self.delayName(level)
        try await publisher.perform { (connection, channel) throws(AMQPError) in
            try connection.declareExchange(name, type: "fanout", channel: channel)
            _ = try connection.declareQueue(
                name,
                arguments: [
                    "x-message-ttl": .integer(level < 0 ? 1000 >> Int32(-level) : 1000 << Int32(level)),
                    "x-dead-letter-exchange": .string(""),
                ],
                channel: channel
            )
            try connection.bindQueue(name, exchange: name, routingKey: "", channel: channel)
        }
    }
}

extension Timestamp {
    func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return self }
        let distance = whole &+ attoseconds / 1_000_000_000_000
        let (sum, sumOverflow) = microsecondsSince1970.addingReportingOverflow(distance)
        return sumOverflow ? self : Timestamp(microsecondsSince1970: sum)
    }
}
