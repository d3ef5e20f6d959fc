package import Logging

/// What lives on a session: it sets a new connection up and takes what it brings.
///
/// All calls come on the reactor's thread.
package protocol AMQPSessionDelegate: AnyObject {
    /// The connection is new: open channels, declare, consume. An error closes it, and the next broker is tried.
    func sessionDidConnect(_ connection: AMQPConnection) throws(AMQPError)
    func session(_ connection: AMQPConnection, received batch: AMQPDeliveryBatch) throws(AMQPError)
    func session(_ connection: AMQPConnection, received event: AMQPEvent) throws(AMQPError)
    /// The connection is gone, and with it all channels and unacknowledged deliveries.
    func sessionDidLose(_ error: AMQPError)
    /// No broker of the list can be had now; it will be tried again.
    func sessionCannotConnect(_ error: AMQPError)
}

/// Keeps one connection to one of several brokers alive: connects, notices its loss, and builds it anew.
///
/// Brokers are tried in turn, beginning anywhere, so that many workers spread over a cluster. After a whole round
/// without success the wait doubles from 0.25 to 10 seconds, give or take a quarter, so that a restarted broker is not
/// stormed.
package final class AMQPSession: ReactorSource {
    package weak var delegate: (any AMQPSessionDelegate)?
    package private(set) var connection: AMQPConnection?
    private let urls: [BrokerURL]
    private let options: AMQPOptions
    private let logger: Logger
    private var nextURL: Int
    private var failures = 0
    private var nextAttempt = MonotonicTime(nanoseconds: 0)
    private var nextHeartbeatCheck = MonotonicTime(nanoseconds: 0)
    private var isPaused = false

    package init(urls: [BrokerURL], options: AMQPOptions, logger: Logger) {
        precondition(!urls.isEmpty, "a session needs the URL of at least one broker")
        self.urls = urls
        self.options = options
        self.logger = logger
        nextURL = Int.random(in: 0..<urls.count)
    }

    package var interest: ReactorInterest? {
        guard let connection else { return nil }
        return ReactorInterest(descriptor: connection.descriptor, events: .read)
    }

    package func turn(now: MonotonicTime, ready: ReactorEvents) -> MonotonicTime {
        guard let connection else { return isPaused ? .distantFuture : reconnect(now) }
        guard ready.contains(.read) || connection.hasInput || now >= nextHeartbeatCheck else {
            return nextHeartbeatCheck
        }
        do throws(AMQPError) {
            try read(connection)
        } catch {
            lose(error)
            return now
        }
        nextHeartbeatCheck = heartbeatCheck(after: now, connection)
        return connection.hasInput ? now : nextHeartbeatCheck
    }

    package func shutDown() {
        connection?.close()
        connection = nil
    }

    /// Closes the connection in order and does not build another.
    package func close() {
        isPaused = true
        shutDown()
    }

    /// Gives the connection up after an error that a call on it returned.
    package func lose(_ error: AMQPError) {
        guard connection != nil else { return }
        connection = nil
        failures = 0
        nextAttempt = MonotonicTime(nanoseconds: 0)
        logger.warning("the connection to the broker was lost: \(error)")
        delegate?.sessionDidLose(error)
    }

    private func read(_ connection: AMQPConnection) throws(AMQPError) {
        let input = try connection.receive()
        if let batch = input.batch { try delegate?.session(connection, received: batch) }
        for event in input.events { try delegate?.session(connection, received: event) }
    }

    private func heartbeatCheck(after now: MonotonicTime, _ connection: AMQPConnection) -> MonotonicTime {
        guard connection.heartbeat > 0 else { return .distantFuture }
        return now.advanced(byNanoseconds: Int64(connection.heartbeat) * 250_000_000)
    }

    private func reconnect(_ now: MonotonicTime) -> MonotonicTime {
        guard now >= nextAttempt else { return nextAttempt }
        let url = urls[nextURL]
        nextURL = (nextURL + 1) % urls.count
        do throws(AMQPError) {
            let connection = try AMQPConnection(url, options: options)
            try delegate?.sessionDidConnect(connection)
            self.connection = connection
            failures = 0
            nextHeartbeatCheck = heartbeatCheck(after: .now, connection)
            logger.info("connected to \(url)")
        } catch {
            failures += 1
            // One line when it begins and then now and then; a restart of a broker is no reason for thousands.
            if failures.nonzeroBitCount == 1 { logger.error("\(error); trying again (attempt \(failures))") }
            delegate?.sessionCannotConnect(error)
            nextAttempt = MonotonicTime.now.advanced(byNanoseconds: backOff())
            return isPaused ? .distantFuture : nextAttempt
        }
        return now
    }

    private func backOff() -> Int64 {
        let rounds = failures / urls.count
        guard rounds > 0, failures.isMultiple(of: urls.count) else { return 0 }
        let milliseconds = min(10_000, 250 << min(rounds - 1, 6))
        return Int64(Double(milliseconds) * Double.random(in: 0.75...1.25)) * 1_000_000
    }
}
