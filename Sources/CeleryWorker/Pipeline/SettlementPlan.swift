import CeleryProtocol

/// What must happen when a run has ended, in this order:
///
/// 1. what the task causes is published, and the broker has confirmed it;
/// 2. the state is stored under the task's id;
/// 3. the broker gets its answer.
///
/// **The order is the reliability contract.** If a step fails, nothing after it happens, the answer last of all; a
/// worker that dies between two steps leaves a message that the broker delivers again. Making the plan is a pure
/// decision; the worker carries it out.
struct SettlementPlan: Sendable {
    enum Publication: Sendable {
        case none
        /// The next try of the same task, not before the delay has passed.
        case retry(after: Duration)
        case deadLetter(DeadLetterReason, String)
    }

    enum Storing: Sendable {
        case nothing
        case state(TaskState, result: [UInt8], traceback: String?)
    }

    enum Answer: Sendable, Hashable {
        case acknowledge
        /// The message goes back to its queue.
        case requeue
        /// It was acknowledged before the task began.
        case none
    }

    var publication = Publication.none
    var storing = Storing.nothing
    var answer: Answer

    /// - Parameters:
    ///   - ignoresResult: Whether the task wants nothing stored. What went wrong is stored all the same for a sender
    ///     who waits only if the result is wanted (`celery/app/trace.py`: `store_errors = not ignore_result`).
    ///   - keepsRejected: Whether the queue has a dead-letter queue.
    init(_ outcome: Outcome, delivery: DeliveryMode, ignoresResult: Bool, keepsRejected: Bool) {
        answer = delivery == .atLeastOnce ? .acknowledge : .none
        switch outcome {
        case .succeeded(let value):
            storing = .state(.success, result: value, traceback: nil)
        case .failed(let exception, let traceback):
            storing = .state(.failure, result: JSONWriter.bytes(exception.value), traceback: traceback)
        case .retry(let delay, let exception, let traceback):
            publication = .retry(after: delay)
            let result = JSONWriter.bytes(exception?.value ?? .null)
            storing = .state(.retry, result: result, traceback: traceback.isEmpty ? nil : traceback)
        case .rejected(let rejected) where rejected.requeue:
            answer = delivery == .atLeastOnce ? .requeue : .none
        case .rejected(let rejected):
            let exception = ExceptionRecord.reject(reason: rejected.reason, requeue: false)
            if keepsRejected { publication = .deadLetter(.rejected, rejected.reason) }
            storing = .state(.failure, result: JSONWriter.bytes(exception.value), traceback: nil)
        case .ignored:
            break
        case .interrupted where delivery == .atMostOnce:
            // Nobody gets the message again; its sender shall not wait for ever.
            let exception = ExceptionRecord.workerLost("Worker exited before the task had ended")
            storing = .state(.failure, result: JSONWriter.bytes(exception.value), traceback: nil)
        case .interrupted:
            answer = .none
        }
        if ignoresResult { storing = .nothing }
    }

    init(_ refusal: Admission.Refusal, keepsRejected: Bool) {
        answer = .acknowledge
        if let reason = refusal.reason, keepsRejected {
            publication = .deadLetter(reason, refusal.text)
        }
        if let sender = refusal.sender {
            storing = .state(sender.state, result: JSONWriter.bytes(sender.exception.value), traceback: nil)
        }
    }
}
