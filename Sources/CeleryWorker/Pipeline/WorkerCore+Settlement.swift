import CeleryProtocol
import Connections
import Logging
import OrderedCollections
import Synchronization

/// Carries settlement plans out, step by step.
extension WorkerCore {
    func settle(_ run: TaskRun, _ outcome: Outcome) async {
        guard run.claimSettlement() else { return }
        await carryOut(outcome, of: run)
        finish(run)
    }

    /// Ends a run from outside: settles it now, whatever its body does. Its body is told to stop.
    func end(_ run: TaskRun, _ stop: TaskRun.Stop, as outcome: Outcome) {
        // First the claim: a body that ends at once when it is told to stop must not settle it otherwise.
        guard run.claimSettlement() else { return }
        let hasProcess =
            if case .terminated(let signal) = stop { run.terminateProcess(signal: signal) } else { run.killProcess() }
        if !hasProcess { stuck.add(run) }
        run.stop(stop)
        Task(executorPreference: runners) { [self] in
            await carryOut(outcome, of: run)
            finish(run)
            outbox.flush()
        }
    }

    /// Does all that the end of a run asks for; the run has been claimed.
    private func carryOut(_ outcome: Outcome, of run: TaskRun) async {
        let (outcome, causes) = withLinks(outcome, run)
        count(outcome)
        // Monitors hear of a retry before the next try begins, of every other end when it is stored.
        if outcome.isRetry { events.ended(run, outcome) }
        if logsTasks || outcome.isFailure { log(run, outcome) }
        let plan = SettlementPlan(
            outcome,
            delivery: run.known.rules.delivery,
            ignoresResult: run.ignoresResult,
            keepsRejected: run.delivery.lane.queue.deadLetter,
            isInWorkflow: run.message.body.hasEmbed,
            causes: causes
        )
        guard await causesPublished(plan, run) else { return }
        if let hold = run.delivery.hold, !hold.isWaiting {
            guard await settled(hold, run, outcome, plan) else { return }
        } else if let report = plan.report {
            guard await reported(report, plan, run) else { return }
            outbox.append(item(run.delivery, plan.answer))
        } else {
            if rpc != nil, await !uncancelled({ await self.sendResult(plan, of: run) }) { return }
            post(run, plan)
        }
        if outcome.isSuccess { dropCheckpoint(of: run) }
        if !outcome.isRetry { events.ended(run, outcome) }
    }

    /// Publishes what the run causes; false when the message went back to the broker before that was done.
    private func causesPublished(_ plan: SettlementPlan, _ run: TaskRun) async -> Bool {
        switch plan.publication {
        case .none: return true
        case .canvas(let plans): return await uncancelled { await self.publish(plans, of: run) }
        case .retry, .deadLetter: break
        }
        return await uncancelled {
            let isPublished = await self.publish(
                plan,
                of: run.delivery,
                run.message,
                ignoreResult: run.ignoresResult,
                retryArguments: run.state.withLock { $0.retryArguments }
            )
            guard isPublished else { return false }
            if case .retry = plan.publication { await self.markRetried(run) }
            return true
        }
    }

    /// Stores the state and tells the workflow; false when the message went back to the broker before that was done.
    private func reported(_ report: WorkflowReport, _ plan: SettlementPlan, _ run: TaskRun) async -> Bool {
        let document = document(plan, run)
        return await uncancelled {
            await self.tell(
                report,
                of: MessageInHand(delivery: run.delivery, message: run.message),
                document: document,
                isOnlyCopy: plan.answer == .none
            )
        }
    }

    /// A message that is not run: tells its sender, keeps it where somebody can look at it, and answers the broker.
    func turnAway(_ delivery: Delivery, _ refusal: Admission.Refusal) async {
        await refuse(delivery, refusal)
        runners.finished(lane: delivery.lane.index)
    }

    /// As `turnAway`, for a delivery whose slot its run gives back.
    func refuse(_ delivery: Delivery, _ refusal: Admission.Refusal) async {
        let isKept = delivery.lane.queue.deadLetter
        totals.turnedAway.add(1, ordering: .relaxed)
        logger.log(level: refusal.reason == nil ? .info : .error, "\(refusal.line(isKept: isKept))")
        events.turnedAway(refusal)
        let plan = SettlementPlan(refusal, keepsRejected: isKept)
        if await publish(plan, of: delivery, nil, ignoreResult: true) { await post(delivery, plan, refusal) }
    }

    /// Hands storing and answer over to the connection thread.
    func post(_ run: TaskRun, _ plan: SettlementPlan) {
        let document = document(plan, run)
        let isFirst =
            run.message.retries == 0 && !run.isRepeat && !run.state.withLock { $0.hasStoredState }
        outbox.append(
            item(run.delivery, plan.answer),
            document: document,
            isFirst: isFirst,
            now: WallClock.microseconds
        )
    }

    func document(_ plan: SettlementPlan, _ run: TaskRun) -> ResultDocument? {
        guard case .state(let state, let result, let traceback) = plan.storing else { return nil }
        return document(run, status: state, result: result, traceback: traceback)
    }

    private func post(_ delivery: Delivery, _ plan: SettlementPlan, _ refusal: Admission.Refusal) async {
        var document: ResultDocument?
        if let sender = refusal.sender, case .state(let state, let result, _) = plan.storing {
            document = ResultDocument(
                taskID: sender.id,
                status: state,
                result: result,
                groupID: sender.groupID,
                parentID: sender.parentID
            )
        }
        guard let report = plan.report, let message = refusal.message else {
            guard await sendResult(document, of: refusal.message, delivery) else { return }
            return outbox.append(
                item(delivery, plan.answer),
                document: document,
                isFirst: false,
                now: WallClock.microseconds
            )
        }
        let cause = MessageInHand(delivery: delivery, message: message)
        if await tell(report, of: cause, document: document) { outbox.append(item(delivery, plan.answer)) }
    }

    /// Celery's early acknowledgement: the message is gone before the task begins.
    func acknowledgeEarly(_ delivery: Delivery) {
        outbox.append(item(delivery, .acknowledge))
        outbox.flush()
    }

    func item(_ delivery: Delivery, _ answer: SettlementPlan.Answer) -> Outbox.Item {
        var answer = answer
        // The broker has had its answer when the lease was taken.
        if let hold = delivery.hold, !hold.isWaiting { answer = .none }
        return Outbox.Item(
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
        case .ignored, .replaced: totals.ignored.add(1, ordering: .relaxed)
        case .revoked: totals.revoked.add(1, ordering: .relaxed)
        case .cancelled, .interrupted: totals.interrupted.add(1, ordering: .relaxed)
        }
    }
}

extension Outcome {
    var isSuccess: Bool { if case .succeeded = self { true } else { false } }

    fileprivate var isRetry: Bool { if case .retry = self { true } else { false } }

    fileprivate var isFailure: Bool {
        switch self {
        case .failed, .retry, .rejected, .cancelled, .interrupted, .revoked: true
        case .succeeded, .ignored, .replaced: false
        }
    }
}
