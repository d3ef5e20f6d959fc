import CeleryProtocol

/// Results that are messages take the place of storing: after what the task causes, before the acknowledgement.
extension WorkerCore {
    /// Sends the state that ends a run. False when the message went back to the broker before that was done.
    func sendResult(_ plan: SettlementPlan, of run: TaskRun) async -> Bool {
        guard case .state(let state, let result, let traceback) = plan.storing else { return true }
        let document = document(run, status: state, result: result, traceback: traceback)
        return await sendResult(document, of: run.message, run.delivery, isOnlyCopy: plan.answer == .none)
    }

    /// Tells the sender of a message that is not run.
    func sendResult(_ refusal: Admission.Refusal, _ plan: SettlementPlan, of delivery: Delivery) async -> Bool {
        guard let document = document(plan, refusal.sender), let message = refusal.message else { return true }
        return await sendResult(document, of: message, delivery, isOnlyCopy: false)
    }

    private func sendResult(
        _ document: ResultDocument,
        of message: TaskMessage,
        _ delivery: Delivery,
        isOnlyCopy: Bool
    ) async -> Bool {
        guard let rpc, message.replyTo?.isEmpty == false else { return true }
        return await untilDone(delivery, isOnlyCopy, "sending the result of \(message.label)") {
            try await rpc.store(document, for: message)
        }
    }
}
