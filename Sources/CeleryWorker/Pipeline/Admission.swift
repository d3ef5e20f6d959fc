import CeleryProtocol

/// What to do with a message before any of its code runs: a pure decision.
enum Admission {
    case run(TaskMessage, KnownTask)
    /// Not before its time.
    case later(TaskMessage, Timestamp)
    case turnAway(Refusal)

    /// A message that will not be run.
    struct Refusal: Sendable {
        var reason: DeadLetterReason?
        /// What the sender is told; nil when there is nobody or nothing to tell.
        var sender: Sender?
        /// What is wrong with it.
        var text: String
        /// How to mend it; empty where that is plain.
        var advice = ""
        /// The message, where it could be decoded; its workflow learns of the refusal.
        var message: TaskMessage?
        /// Set when it is no fault of the message that it is not run.
        var revoked: Revoked?
        /// Whether the sender wants nothing stored; its workflow is told all the same.
        var ignoresResult = false

        enum Revoked: Sendable {
            case expired
            case revoked
        }

        /// For the log: what is wrong, and where the message went.
        ///
        /// - Parameter isKept: Whether its queue has a dead-letter queue.
        func line(isKept: Bool) -> String {
            guard reason != nil else { return text }
            let fate = isKept ? "moved to the dead-letter queue" : "discarded, because the queue has dead_letter: false"
            return "\(text)\nThe message has been \(fate)\(advice.isEmpty ? "" : "; \(advice)")."
        }

        struct Sender: Sendable {
            var id: String
            var state: TaskState
            var exception: ExceptionRecord
            var groupID: String?
            var parentID: String?
        }
    }

    /// Decides about a decoded message.
    ///
    /// - Parameters:
    ///   - task: The task of that name in this queue, if there is one.
    ///   - now: Microseconds since 1970, UTC.
    ///   - revocation: Whether and why the message is revoked.
    static func decide(
        _ message: TaskMessage,
        task: KnownTask?,
        now: Int64,
        revocation: Revocation? = nil
    ) -> Admission {
        guard let task else { return .turnAway(.unknownTask(message)) }
        lazy var ignoresResult = message.ignoreResult ?? task.rules.ignoreResult
        if let expires = message.expires, expires.microsecondsSince1970 < now {
            return .turnAway(.expired(message, ignoresResult: ignoresResult))
        }
        if let revocation {
            return .turnAway(.revoked(message, by: revocation, ignoresResult: ignoresResult))
        }
        if let eta = message.eta, eta.microsecondsSince1970 > now { return .later(message, eta) }
        return .run(message, task)
    }
}

/// Why a message went to the dead-letter queue; the value of its header `x-chard-reason`.
enum DeadLetterReason: String, Sendable {
    case undecodable
    case contentDisallowed = "content-disallowed"
    case invalid
    case unknownTask = "unknown-task"
    case maxDeliveries = "max-deliveries"
    case rejected
}

extension Admission.Refusal {
    static func unknownTask(_ message: TaskMessage) -> Self {
        Self(
            reason: .unknownTask,
            sender: Sender(message, .failure, .notRegistered(message.task)),
            text: "Received unregistered task of type \(PythonRepr.full(.string(String(message.task.prefix(200))))).",
            advice: "register the task or send it to another queue",
            message: message
        )
    }

    static func tooManyDeliveries(_ message: TaskMessage, starts: Int) -> Self {
        let text = "Worker exited prematurely: the task was started \(starts - 1) times and never ended"
        return Self(
            reason: .maxDeliveries,
            sender: Sender(message, .failure, .workerLost(text)),
            text: "\(text): \(message.label)",
            message: message
        )
    }

    static func undecodable(_ error: MessageError) -> Self {
        let reason: DeadLetterReason =
            switch error.kind {
            case .undecodable: .undecodable
            case .contentDisallowed: .contentDisallowed
            case .invalid, .unknownMessage: .invalid
            }
        return Self(reason: reason, sender: Sender(error), text: error.logText)
    }
}

extension Admission.Refusal.Sender {
    init(_ message: TaskMessage, _ state: TaskState, _ exception: ExceptionRecord) {
        self.init(
            id: message.id,
            state: state,
            exception: exception,
            groupID: message.group,
            parentID: message.parentID
        )
    }

    /// Celery leaves the sender of a broken message without an answer; whoever can be told is told here.
    init?(_ error: MessageError) {
        guard let id = error.id ?? error.correlationID, !id.isEmpty else { return nil }
        let exception =
            switch error.kind {
            case .contentDisallowed:
                ExceptionRecord(module: "kombu.exceptions", type: "ContentDisallowed", message: [.string(error.reason)])
            case .undecodable:
                ExceptionRecord(module: "kombu.exceptions", type: "DecodeError", message: [.string(error.reason)])
            case .invalid, .unknownMessage:
                ExceptionRecord(
                    module: "celery.exceptions",
                    type: "InvalidTaskError",
                    message: [.string(error.reason)]
                )
            }
        self.init(id: id, state: .failure, exception: exception, groupID: error.group, parentID: error.parentID)
    }
}
