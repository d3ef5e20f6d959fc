package import Logging
import Synchronization

/// Publishes messages and makes other calls to the broker, from any task, over a connection of its own.
///
/// A publish returns only after the broker's confirm, or throws. Many may be in flight; they go out in the order in
/// which they were asked for. What was not confirmed when a connection broke is sent again over the next one until its
/// deadline, so a message may arrive twice, and is never lost without an error.
package final class AMQPPublisher: Sendable {
    private let shared: SharedInbox
    private let reactor: Reactor

    /// Lets the thread and the handle share the inbox without holding each other.
    final class SharedInbox: Sendable {
        let requests = Mutex<[AMQPPublisherLoop.Request]>([])
        let isStopped = Atomic<Bool>(false)
    }

    /// Starts the thread; it connects when the first call comes.
    package init(urls: [BrokerURL], options: AMQPOptions, logger: Logger) {
        let shared = SharedInbox()
        self.shared = shared
        reactor = Reactor(name: "amqp-publisher") { _ in
            let session = AMQPSession(urls: urls, options: options, logger: logger)
            return [AMQPPublisherLoop(session, inbox: shared, logger: logger)]
        }
    }

    deinit { stop() }

    /// Publishes one message.
    ///
    /// - Parameter timeout: How long to wait for the confirm; also while there is no connection or the broker is
    ///   blocked.
    /// - Throws: `AMQPError` with code `unroutable`, `nacked`, `blocked`, `timedOut`, `channelClosed` (e.g. no such
    ///   exchange), `accessRefused` or `invalid`.
    package func publish(_ message: AMQPMessage, timeout: Duration = .seconds(10)) async throws(AMQPError) {
        try await publish([message], timeout: timeout)
    }

    /// Publishes several messages in one go and waits for all their confirms; throws the first error.
    package func publish(_ messages: [AMQPMessage], timeout: Duration = .seconds(10)) async throws(AMQPError) {
        guard !messages.isEmpty else { return }
        let deadline = MonotonicTime.now.advanced(by: timeout)
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<AMQPError?, Never>) in
            let gathering = Gathering(count: messages.count) { continuation.resume(returning: $0) }
            submit(
                messages.map { message in
                    .publish(AMQPPublisherLoop.Publish(message: message, deadline: deadline, done: gathering.note))
                }
            )
        }
        if let result { throw result }
    }

    /// Runs `body` on the connection's thread with an open channel, e.g. to declare a queue.
    ///
    /// `body` may wait for the broker's answers, and for nothing else. The channel is closed afterwards.
    package func perform<Value: Sendable>(
        timeout: Duration = .seconds(20),
        _ body: @escaping @Sendable (AMQPConnection, _ channel: UInt16) throws(AMQPError) -> Value
    ) async throws(AMQPError) -> Value {
        let deadline = MonotonicTime.now.advanced(by: timeout)
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, AMQPError>, Never>) in
            submit([
                .perform(
                    AMQPPublisherLoop.Call(deadline: deadline) {
                        (connection, channel) throws(AMQPError) -> @Sendable () -> Void in
                        do throws(AMQPError) {
                            let value = try body(connection, channel)
                            return { continuation.resume(returning: .success(value)) }
                        } catch {
                            guard !error.endsConnection else { throw error }
                            return { continuation.resume(returning: .failure(error)) }
                        }
                    } fail: { error in
                        continuation.resume(returning: .failure(error))
                    }
                )
            ])
        }
        return try result.get()
    }

    /// Closes the connection; calls that are under way throw.
    package func stop() {
        shared.isStopped.store(true, ordering: .releasing)
        reactor.stop()
    }

    private func submit(_ requests: [AMQPPublisherLoop.Request]) {
        let isStopped = shared.requests.withLock { queue in
            if shared.isStopped.load(ordering: .acquiring) { return true }
            queue.append(contentsOf: requests)
            return false
        }
        if isStopped {
            for request in requests { request.fail(AMQPPublisherLoop.stopped) }
        } else {
            reactor.waker.wake()
        }
    }
}

/// Waits until each of several publishes has ended, and keeps the first error.
private final class Gathering: Sendable {
    private let state: Mutex<(missing: Int, error: AMQPError?)>
    private let done: @Sendable (AMQPError?) -> Void

    init(count: Int, done: @escaping @Sendable (AMQPError?) -> Void) {
        state = Mutex((count, nil))
        self.done = done
    }

    func note(_ error: AMQPError?) {
        let (isLast, first) = state.withLock { state in
            state.missing -= 1
            if state.error == nil { state.error = error }
            return (state.missing == 0, state.error)
        }
        if isLast { done(first) }
    }
}
