import CeleryProtocol
import Connections
import Logging
import OrderedCollections
import Synchronization

/// Carries settlement plans out, step by step.
extension WorkerCore {
    func settle(_ run: TaskRun, _ outcome: Outcome) async {
        guard run.claimSettlement() else { return }
        count(outcome)
        events.ended(run, outcome)
        if logsTasks || outcome.isFailure { log(run, outcome) }
        let plan = SettlementPlan(
            outcome,
            delivery: run.known.rules.delivery,
            ignoresResult: run.ignoresResult,
            keepsRejected: run.delivery.lane.queue.deadLetter
        )
        if await causesPublished(plan, run) { post(run, plan) }
        finish(run)
    }

    /// Publishes what the run causes; false when the message went back to the broker before that was done.
    private func causesPublished(_ plan: SettlementPlan, _ run: TaskRun) async -> Bool {
        if case .none = plan.publication { return true }
        return await uncancelled {
            guard await self.publish(plan, of: run.delivery, run.message, ignoreResult: run.ignoresResult) else {
                return false
            }
            if case .retry = plan.publication { await self.markRetried(run) }
            return true
        }
    }

    /// A message that is not run: tells its sender, keeps it where somebody can look at it, and answers the broker.
    func turnAway(_ delivery: Delivery, _ refusal: Admission.Refusal) async {
        totals.turnedAway.add(1, ordering: .relaxed)
        logger.log(level: refusal.reason == nil ? .info : .error, "\(refusal.text)")
        events.turnedAway(refusal)
        let plan = SettlementPlan(refusal, keepsRejected: delivery.lane.queue.deadLetter)
        if await publish(plan, of: delivery, nil, ignoreResult: true) { post(delivery, plan, refusal.sender) }
        runners.finished(lane: delivery.lane.index)
    }

    /// Hands storing and answer over to the connection thread.
    func post(_ run: TaskRun, _ plan: SettlementPlan) {
        var document: ResultDocument?
        if case .state(let state, let result, let traceback) = plan.storing {
            document = self.document(run, status: state, result: result, traceback: traceback)
        }
        let isFirst =
            run.message.retries == 0 && !run.delivery.frame.redelivered && !run.state.withLock { $0.hasStoredState }
        outbox.append(
            item(run.delivery, plan.answer),
            document: document,
            isFirst: isFirst,
            now: WallClock.microseconds
        )
    }

    private func post(_ delivery: Delivery, _ plan: SettlementPlan, _ sender: Admission.Refusal.Sender?) {
        var document: ResultDocument?
        if let sender, case .state(let state, let result, _) = plan.storing {
            document = ResultDocument(
                taskID: sender.id,
                status: state,
                result: result,
                groupID: sender.groupID,
                parentID: sender.parentID
            )
        }
        outbox.append(item(delivery, plan.answer), document: document, isFirst: false, now: WallClock.microseconds)
    }

    /// Celery's early acknowledgement: the message is gone before the task begins.
    func acknowledgeEarly(_ delivery: Delivery) {
        outbox.append(item(delivery, .acknowledge), document: nil, isFirst: false, now: 0)
        outbox.flush()
    }

    func item(_ delivery: Delivery, _ answer: SettlementPlan.Answer) -> Outbox.Item {
        Outbox.Item(
            lane: delivery.lane.index,
            epoch: delivery.epoch,
            tag: delivery.frame.deliveryTag,
            answer: answer
        )
    }

    func document(
        _ run: TaskRun,
        status: TaskState,
        result: [UInt8],
        traceback: String? = nil
    ) -> ResultDocument {
        ResultDocument(
            taskID: run.message.id,
            status: status,
            result: result,
            traceback: traceback,
            children: run.state.withLock { $0.children },
            groupID: run.message.group,
            parentID: run.message.parentID,
            extended: configuration.resultBackend.extended ? extended(run) : nil
        )
    }

    private func extended(_ run: TaskRun) -> ResultDocument.Extended {
        let values = try? run.message.body.values(limits: limits)
        return ResultDocument.Extended(
            name: run.message.task,
            args: JSONWriter.bytes(.array(values?.args ?? [])),
            kwargs: JSONWriter.bytes(.map(values?.kwargs ?? [:])),
            worker: nodename,
            retries: run.message.retries,
            queue: run.message.deliveryInfo.routingKey
        )
    }

    private func count(_ outcome: Outcome) {
        switch outcome {
        case .succeeded: totals.succeeded.add(1, ordering: .relaxed)
        case .failed: totals.failed.add(1, ordering: .relaxed)
        case .retry: totals.retried.add(1, ordering: .relaxed)
        case .rejected: totals.rejected.add(1, ordering: .relaxed)
        case .ignored: totals.ignored.add(1, ordering: .relaxed)
        case .interrupted: totals.interrupted.add(1, ordering: .relaxed)
        }
    }
}

extension Outcome {
    fileprivate var isFailure: Bool {
        switch self {
        case .failed, .retry, .rejected, .interrupted: true
        case .succeeded, .ignored: false
        }
    }
}
