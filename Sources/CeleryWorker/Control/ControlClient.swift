public import CeleryProtocol
import Connections
import OrderedCollections
import Synchronization

/// Remote control of workers, Chard's and Python's alike: Celery's `app.control`.
///
/// Each call goes to all workers that are up, unless `to` names some of them, and returns when the broker has taken it.
/// With `reply` it returns what they have answered within `timeout`; sooner, when all that were named have answered.
public struct ControlClient: Sendable {
    let celery: Celery

    /// Who is meant, and how long to wait for answers.
    public struct Options: Sendable, Hashable {
        /// Node names; nil or empty for all workers.
        public var destination: [String]?
        /// Matches node names, as `matcher` says.
        public var pattern: String?
        /// `glob` or `pcre`.
        public var matcher: String?
        /// Nil: do not wait for answers.
        public var timeout: Duration?
        /// Wait for no more answers than this; nil: as many as nodes are named.
        public var limit: Int?

        public init(
            to destination: [String]? = nil,
            pattern: String? = nil,
            matcher: String? = nil,
            timeout: Duration? = nil,
            limit: Int? = nil
        ) {
            self.destination = destination
            self.pattern = pattern
            self.matcher = matcher ?? (pattern == nil ? nil : "glob")
            self.timeout = timeout
            self.limit = limit
        }
    }

    /// What one node has answered.
    public struct Reply: Sendable, Hashable {
        public var node: String
        public var value: CeleryValue
    }

    /// Sends any request.
    ///
    /// - Parameters:
    ///   - command: The method that the workers know.
    ///   - arguments: By name.
    ///   - onReply: Called with each answer as it comes.
    /// - Returns: The answers in the order in which they came; none when `options.timeout` is nil.
    /// - Throws: `AMQPError` when the request could not be sent.
    @discardableResult
    public func broadcast(
        _ command: String,
        arguments: CeleryMap = [:],
        _ options: Options = Options(),
        onReply: (@Sendable (Reply) -> Void)? = nil
    ) async throws -> [Reply] {
        var request = ControlRequest(command, arguments: arguments)
        request.destination = options.destination ?? []
        request.pattern = options.pattern
        request.matcher = options.matcher
        let replies = ReplyBox()
        let answers = options.timeout.map { timeout in
            ControlMailbox.Inquiry.Answers(timeout: timeout, limit: options.limit ?? request.limit) { reply in
                let reply = Reply(node: reply.nodename, value: reply.value)
                replies.all.withLock { $0.append(reply) }
                onReply?(reply)
            }
        }
        let mailbox = celery.mailbox
        let patience = celery.configuration.broker.publishTimeout
        let error = await withCheckedContinuation { continuation in
            mailbox.submit(
                ControlMailbox.Inquiry(
                    request: request,
                    answers: answers,
                    deadline: MonotonicTime.now.advanced(by: patience)
                ) { continuation.resume(returning: $0) }
            )
        }
        if let error { throw error }
        return replies.all.withLock { $0 }
    }

    private final class ReplyBox: Sendable {
        let all = Mutex<[Reply]>([])
    }
}

extension ControlRequest {
    /// As many answers as nodes are named.
    fileprivate var limit: Int? { destination.isEmpty ? nil : Set(destination).count }
}

extension Celery {
    /// Remote control of workers.
    public var control: ControlClient { ControlClient(celery: self) }

    /// Asks workers how they are; Celery's `app.control.inspect`.
    ///
    /// - Parameters:
    ///   - nodes: Node names; nil for all workers that are up.
    ///   - timeout: How long to wait for answers.
    public func inspect(
        _ nodes: [String]? = nil,
        pattern: String? = nil,
        timeout: Duration = .seconds(1)
    ) -> InspectClient {
        InspectClient(control: control, options: .init(to: nodes, pattern: pattern, timeout: timeout))
    }
}
