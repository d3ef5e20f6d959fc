import CeleryProtocol

/// Results that are messages take the place of storing: after what the task causes, before the acknowledgement.
extension WorkerCore {
    /// Sends the state that ends a run. False when the message went back to the broker before that was done.
    func sendResult(_ plan: SettlementPlan, of run: TaskRun) async -> Bool {
        guard case .state(let state, let result, let traceback) = plan.storing else { return true }
        let document = document(run, status: state, result: result, traceback: traceback)
        return await sendResult(document, of: run.message, run.delivery, isOnlyCopy: plan.answer == .none)
    }

    /// Throws what Celery raises when a task is to begin a chord whose parts nobody can count.
    func ensureChordsAllowed(_ plans: [CanvasPlan]) throws(ExceptionRecord) {
        if plans.contains(where: \.hasChord) { try rpc?.ensureChordsAllowed() }
    }

    /// Sends a state to the sender of a message; nothing unless the backend is `rpc://`.
    func sendResult(
        _ document: ResultDocument?,
        of message: TaskMessage?,
        _ delivery: Delivery,
        isOnlyCopy: Bool = false
    ) async -> Bool {
        guard let rpc, let document, let message, message.replyTo?.isEmpty == false else { return true }
        return await untilDone(delivery, isOnlyCopy, "sending the result of \(message.label)") {
            try await rpc.store(document, for: message)
        }
    }
}

extension CanvasPlan {
    /// Whether parts are to be counted.
    var hasChord: Bool {
        steps.contains { step in
            if case .chordSize = step { true } else { false }
        }
    }
}
