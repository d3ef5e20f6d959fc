import CeleryProtocol

/// What must happen when a run has ended, in this order:
///
/// 1. what the task causes is published, and the broker has confirmed it;
/// 2. the state is stored under the task's id;
/// 3. its workflow learns of it: the chord, after a failure also the rest of the chain and the errbacks;
/// 4. the broker gets its answer.
///
/// **The order is the reliability contract.** If a step fails, nothing after it happens, the answer last of all; a
/// worker that dies between two steps leaves a message that the broker delivers again. Making the plan is a pure
/// decision; the worker carries it out.
struct SettlementPlan: Sendable {
    enum Publication: Sendable {
        case none
        /// What follows after success, or what takes the task's place.
        case canvas([CanvasPlan])
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
    /// What the workflow is told; nil when there is none, or nothing to tell.
    var report: WorkflowReport?
    var answer: Answer

    /// - Parameters:
    ///   - ignoresResult: Whether the task wants nothing stored. What went wrong is stored all the same for a sender
    ///     who waits only if the result is wanted (`celery/app/trace.py`: `store_errors = not ignore_result`).
    ///   - keepsRejected: Whether the queue has a dead-letter queue.
    ///   - isInWorkflow: Whether the message has links, a chain or a chord.
    ///   - causes: What the outcome makes the worker publish.
    init(
        _ outcome: Outcome,
        delivery: DeliveryMode,
        ignoresResult: Bool,
        keepsRejected: Bool,
        isInWorkflow: Bool = false,
        causes: [CanvasPlan] = []
    ) {
        answer = delivery == .atLeastOnce ? .acknowledge : .none
        if !causes.isEmpty { publication = .canvas(causes) }
        switch outcome {
        case .succeeded(let value):
            storing = .state(.success, result: value, traceback: nil)
            if isInWorkflow { report = WorkflowReport(state: .success, result: value) }
        case .failed(let exception, let traceback):
            store(exception, traceback: traceback, isInWorkflow)
        case .retry(let delay, let exception, let traceback):
            publication = .retry(after: delay)
            let result = JSONWriter.bytes(exception?.value ?? .null)
            storing = .state(.retry, result: result, traceback: traceback.isEmpty ? nil : traceback)
        case .rejected(let rejected) where rejected.requeue:
            answer = delivery == .atLeastOnce ? .requeue : .none
        case .rejected(let rejected):
            let exception = ExceptionRecord.reject(reason: rejected.reason, requeue: false)
            if keepsRejected { publication = .deadLetter(.rejected, rejected.reason) }
            store(exception, traceback: nil, isInWorkflow)
        case .revoked(let reason):
            let result = JSONWriter.bytes(ExceptionRecord.taskRevoked(reason).value)
            storing = .state(.revoked, result: result, traceback: nil)
            if isInWorkflow { report = WorkflowReport(state: .revoked, result: result) }
        case .cancelled:
            let exception = ExceptionRecord(
                module: "celery.exceptions",
                type: "Retry",
                message: ["cancelled by Celery"]
            )
            storing = .state(.retry, result: JSONWriter.bytes(exception.value), traceback: nil)
            answer = .none
        case .ignored, .replaced:
            break
        case .interrupted where delivery == .atMostOnce:
            // Nobody gets the message again; its sender shall not wait for ever.
            let exception = ExceptionRecord.workerLost("Worker exited before the task had ended")
            store(exception, traceback: nil, isInWorkflow)
        case .interrupted:
            answer = .none
        }
        if ignoresResult { storing = .nothing }
    }

    private mutating func store(_ exception: ExceptionRecord, traceback: String?, _ isInWorkflow: Bool) {
        let result = JSONWriter.bytes(exception.value)
        storing = .state(.failure, result: result, traceback: traceback)
        guard isInWorkflow else { return }
        report = WorkflowReport(state: .failure, result: result, exception: exception, traceback: traceback)
    }

    init(_ refusal: Admission.Refusal, keepsRejected: Bool) {
        answer = .acknowledge
        if let reason = refusal.reason, keepsRejected {
            publication = .deadLetter(reason, refusal.text)
        }
        if let sender = refusal.sender {
            let result = JSONWriter.bytes(sender.exception.value)
            storing = .state(sender.state, result: result, traceback: nil)
            if let message = refusal.message, message.body.hasEmbed {
                let exception = sender.state == .failure ? sender.exception : nil
                report = WorkflowReport(state: sender.state, result: result, exception: exception)
            }
        }
        if refusal.ignoresResult { storing = .nothing }
    }
}
