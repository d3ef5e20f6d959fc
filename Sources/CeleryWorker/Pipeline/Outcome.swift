import CeleryProtocol

/// How a run ended; the only thing that leaves `Execution`.
enum Outcome: Sendable {
    /// The value as JSON text.
    case succeeded([UInt8])
    case failed(ExceptionRecord, traceback: String)
    case retry(after: Duration, ExceptionRecord?, traceback: String)
    case rejected(TaskRejected)
    case ignored
    /// Another task takes its place, with its id.
    case replaced(Signature)
    /// It was ended from outside; the reason is `terminated`.
    case revoked(reason: String)
    /// It was stopped because the connection that brought its message is gone: the broker delivers it again.
    case cancelled
    /// The worker ends and the task has not: its message stays unanswered, so that the broker delivers it again.
    case interrupted
}
