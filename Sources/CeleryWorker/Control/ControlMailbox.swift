import CeleryProtocol
import Connections
import Logging
import Synchronization

/// A client's way to the workers' remote control: a connection of its own, on which requests go out and answers come
/// in (`kombu/pidbox.py`, `Mailbox`).
///
/// The connection is made with the first request. Made again when it breaks; the answers to what was asked before are
/// then lost, as are those of a worker that answers too late.
final class ControlMailbox: Sendable {
    /// What is to be asked, and who takes the answers.
    struct Inquiry: Sendable {
        var request: ControlRequest
        /// Nil when nobody waits for answers.
        var answers: Answers?
        /// Gives up when the request could not be sent until then.
        var deadline: MonotonicTime
        /// Called once: when the broker has taken a request without answers, when the time for answers is over, or
        /// with what went wrong.
        var done: @Sendable (AMQPError?) -> Void

        struct Answers: Sendable {
            var timeout: Duration
            /// After so many answers nobody waits for more; nil for no limit.
            var limit: Int?
            var take: @Sendable (ControlReply) -> Void
        }
    }

    /// Lets the thread and the handle share the inbox without holding each other.
    final class Inbox: Sendable {
        let inquiries = Mutex<[Inquiry]>([])
        let isStopped = Atomic<Bool>(false)

        func takeAll() -> [Inquiry] {
            inquiries.withLock { inquiries in
                defer { inquiries = [] }
                return inquiries
            }
        }
    }

    static let stopped = AMQPError(.invalid, attempt: "asking the workers", reason: "the client was closed")

    private let inbox = Inbox()
    private let reactor: Reactor

    init(_ configuration: WorkerConfiguration, logger: Logger) {
        let inbox = inbox
        reactor = Reactor(name: "chard-mailbox") { _ in
            let options = configuration.amqpOptions(name: "chard remote control")
            let session = AMQPSession(urls: configuration.broker.urls, options: options, logger: logger)
            let accept = (try? AcceptContent(configuration.worker.acceptContent)) ?? .json
            return [ControlMailboxLoop(session, inbox: inbox, accept: accept, brokers: configuration.broker.urls.count)]
        }
    }

    deinit { stop() }

    func submit(_ inquiry: Inquiry) {
        let isStopped = inbox.inquiries.withLock { inquiries in
            if inbox.isStopped.load(ordering: .acquiring) { return true }
            inquiries.append(inquiry)
            return false
        }
        if isStopped { inquiry.done(Self.stopped) } else { reactor.waker.wake() }
    }

    /// Closes the connection; what is under way fails.
    func stop() {
        inbox.isStopped.store(true, ordering: .releasing)
        reactor.stop()
    }
}
