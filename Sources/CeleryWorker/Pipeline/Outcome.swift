import CeleryProtocol

/// How a run ended; the only thing that leaves `Execution`.
enum Outcome: Sendable {
    /// The value as JSON text.
    case succeeded([UInt8])
    case failed(ExceptionRecord, traceback: String)
    case retry(after: Duration, ExceptionRecord?, traceback: String)
    case rejected(TaskRejected)
    case ignored
    /// The worker ends and the task has not: its message stays unanswered, so that the broker delivers it again.
    case interrupted
}
