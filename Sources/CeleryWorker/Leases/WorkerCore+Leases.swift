import CeleryProtocol
import Connections
import Logging
import Synchronization

/// The life of a run whose message is kept under a lease instead of by the broker.
extension WorkerCore {
    /// The delivery with a lease to be taken; as it is when there is no Redis to keep it.
    func leasable(_ delivery: Delivery, _ message: TaskMessage) -> Delivery {
        guard leases != nil else { return delivery }
        return Delivery(
            delivery,
            hold: LeaseHold(taskID: message.id, retries: message.retries, queue: delivery.lane.queue.name)
        )
    }

    /// Takes the lease of a run, and answers the broker once the message is safe in Redis. False when the run must not
    /// begin; its message has then been answered, or went back to the broker.
    func takeLease(_ hold: LeaseHold, _ run: TaskRun) async -> Bool {
        guard let leases, let taking = await taking(of: hold, run, leases) else { return false }
        switch taking {
        case .taken(let fence, let starts):
            let answer = item(run.delivery, .acknowledge)
            hold.take(fence: fence, starts: starts)
            run.delivery.lane.leased.add(1, ordering: .relaxed)
            outbox.append(answer)
            outbox.flush()
            if isFull(run.delivery.lane) { submit(.adjust(run.delivery.lane)) }
            logger.debug("Task \(run.message.label) has its lease \(fence), start \(starts)")
            return await mayBegin(hold, run)
        case .hasSucceeded:
            totals.duplicates.add(1, ordering: .relaxed)
            logger.debug("Task \(run.message.label) was delivered again after it had ended; not run")
            if await finishChord(run) { outbox.append(item(run.delivery, .acknowledge)) }
        case .isDuplicate:
            totals.duplicates.add(1, ordering: .relaxed)
            logger.debug("Task \(run.message.label) is under way elsewhere, or over; this copy is dropped")
            outbox.append(item(run.delivery, .acknowledge))
        case .tooManyStarts(let starts):
            await refuse(run.delivery, .tooManyDeliveries(run.message, starts: starts))
        }
        return false
    }

    /// Asks Redis for the lease until it answers; nil when the message is no longer ours.
    private func taking(of hold: LeaseHold, _ run: TaskRun, _ leases: LeaseStore) async -> LeaseStore.Taking? {
        var delay = Duration.milliseconds(50)
        while run.delivery.isCurrent {
            do {
                let copy = LeaseHeader(run.message)
                if copy != nil || run.isRepeat, let results,
                    try await results.wasRetried(id: hold.taskID, retries: hold.retries)
                {
                    return .isDuplicate
                }
                return try await leases.take(
                    hold,
                    LeaseStore.Message(run),
                    worker: nodename,
                    copy: copy,
                    mostStarts: run.known.rules.maxDeliveries,
                    isRepeat: run.message.deliveryInfo.redelivered
                )
            } catch {
                logger.log(
                    level: delay > .seconds(2) ? .warning : .debug,
                    "taking the lease of \(run.message.label): \(error); trying again"
                )
            }
            if isDraining.load(ordering: .relaxed) {
                let delivery = run.delivery
                submit(.giveBack(lane: delivery.lane.index, epoch: delivery.epoch, tag: delivery.frame.deliveryTag))
                return nil
            }
            try? await Task.sleep(for: delay)
            delay = min(delay * 2, .seconds(5))
        }
        return nil
    }

    /// Whether nothing has happened meanwhile that ends the run before it begins.
    private func mayBegin(_ hold: LeaseHold, _ run: TaskRun) async -> Bool {
        if run.state.withLock({ $0.isSettled }) {
            // Revoked while it waited for the lease; that has been stored.
            await endLease(hold, run, success: false)
            return false
        }
        if isDraining.load(ordering: .relaxed) {
            await handBack(hold, run, counts: false)
            return false
        }
        return true
    }

    // MARK: The end

    /// Stores what became of a run with a lease, tells its workflow, and ends the lease, in this order. False when the
    /// run has lost its lease before: then nothing of it counts.
    func settled(_ hold: LeaseHold, _ run: TaskRun, _ outcome: Outcome, _ plan: SettlementPlan) async -> Bool {
        if case .interrupted = outcome {
            await handBack(hold, run, counts: false)
            return true
        }
        if plan.answer == .requeue {
            await handBack(hold, run, counts: true)
            return true
        }
        guard await stored(hold, run, plan), await told(plan, run) else {
            loseLease(run)
            return false
        }
        await endLease(hold, run, success: outcome.isSuccess)
        return true
    }

    private func stored(_ hold: LeaseHold, _ run: TaskRun, _ plan: SettlementPlan) async -> Bool {
        guard let leases else { return false }
        // What has nothing to store must know all the same whether it still counts.
        guard let document = document(plan, run) else { return await isStillHeld(hold, run, leases) }
        let isStored = Mutex(false)
        let isDone = await uncancelled {
            await self.untilDone(run.delivery, false, "storing the result of \(run.message.label)") {
                let isTaken = try await leases.store(document, hold)
                isStored.withLock { $0 = isTaken }
            }
        }
        return isDone && isStored.withLock { $0 }
    }

    private func isStillHeld(_ hold: LeaseHold, _ run: TaskRun, _ leases: LeaseStore) async -> Bool {
        let isLost = Mutex(false)
        let isDone = await uncancelled {
            await self.untilDone(run.delivery, false, "ending \(run.message.label)") {
                let renewal = try await leases.renew(hold)
                isLost.withLock { $0 = renewal == .lost }
            }
        }
        return isDone && !isLost.withLock { $0 }
    }

    private func told(_ plan: SettlementPlan, _ run: TaskRun) async -> Bool {
        guard let report = plan.report else { return true }
        return await uncancelled {
            await self.tell(
                report,
                of: MessageInHand(delivery: run.delivery, message: run.message),
                document: nil
            )
        }
    }

    private func endLease(_ hold: LeaseHold, _ run: TaskRun, success: Bool) async {
        guard let leases else { return }
        _ = await uncancelled {
            await self.untilDone(run.delivery, false, "ending the lease of \(run.message.label)") {
                try await leases.end(hold, success: success)
            }
        }
        hold.end()
    }

    /// Gives the message back to its queue at once, instead of when the lease lapses.
    ///
    /// - Parameter counts: Whether the start counts among those that `max_deliveries` allows.
    private func handBack(_ hold: LeaseHold, _ run: TaskRun, counts: Bool) async {
        guard let leases else { return }
        let claim = Mutex(LeaseStore.Claim.nothing)
        _ = await uncancelled {
            await self.untilDone(run.delivery, false, "handing back the lease of \(run.message.label)") {
                let answer = try await leases.claim(hold, counts: counts)
                claim.withLock { $0 = answer }
            }
        }
        hold.end()
        await uncancelled { await self.publishMoved(claim.withLock { $0 }, hold, run, leases) }
    }

    /// Publishes what was claimed; what cannot be published now, a watcher does when the claim has lapsed.
    private func publishMoved(
        _ claim: LeaseStore.Claim,
        _ hold: LeaseHold,
        _ run: TaskRun,
        _ leases: LeaseStore
    ) async {
        for delay in [Duration.milliseconds(200), .seconds(1), .zero] {
            do {
                try await requeue(claim, LeaseStore.Entry(hold), hold.queue, leases)
                return logger.info(
                    "Task \(run.message.label) goes back to queue \(hold.queue), to be resumed by another worker"
                )
            } catch {
                logger.warning("sending \(run.message.label) back to queue \(hold.queue): \(error)")
            }
            try? await Task.sleep(for: delay)
        }
        logger.error("Task \(run.message.label) is enqueued again by another worker, when its lease has lapsed")
    }

    /// Hands back the leases of runs that have not ended although they were told to.
    func handBackLeases() {
        for run in running.all where run.delivery.hold?.isHeld == true { end(run, .shutdown, as: .interrupted) }
    }

    /// Publishes a message whose lease was taken away; returns when the broker has confirmed it.
    func requeue(
        _ claim: LeaseStore.Claim,
        _ entry: LeaseStore.Entry,
        _ queue: String,
        _ leases: LeaseStore
    ) async throws {
        guard case .claimed(let fence, let starts, let message, _) = claim else { return }
        let header = LeaseHeader(fence: fence, starts: starts)
        try await celery.publish(try message.publication(queue: queue, header))
        try await leases.markQueued(entry, fence: fence, queue: queue)
    }

    /// The lease has lapsed and is another's: the run ends, and nothing of it is stored.
    func loseLease(_ run: TaskRun) {
        guard let hold = run.delivery.hold, hold.isHeld else { return }
        hold.end()
        logger.warning(
            "Task \(run.message.label) has lost its lease, for this worker was silent too long; another one has it, and this run is stopped"
        )
        guard run.claimSettlement() else { return }
        totals.interrupted.add(1, ordering: .relaxed)
        if !run.killProcess() { stuck.add(run) }
        run.stop(.leaseLost)
        finish(run)
    }

    // MARK: Slots

    /// Whether tasks with leases have all slots of the lane, so that a message would wait here for long.
    func isFull(_ lane: Lane) -> Bool {
        guard lane.hasLeases else { return false }
        let total = poolState.withLock { $0.total } ?? .max
        return lane.leased.load(ordering: .relaxed) >= min(lane.slots, total)
    }

    /// A run's slot is free.
    func released(_ hold: LeaseHold, _ lane: Lane) {
        // Never taken.
        guard hold.fence > 0 else { return }
        let isFull = isFull(lane)
        lane.leased.subtract(1, ordering: .relaxed)
        if isFull { submit(.adjust(lane)) }
    }
}

extension LeaseStore.Entry {
    init(_ hold: LeaseHold) { self.init(taskID: hold.taskID, retries: hold.retries, fence: hold.fence) }
}

extension RedisResults {
    /// Whether an attempt of a task has sent its successor.
    func wasRetried(id: String, retries: Int) async throws -> Bool {
        let key = commands.retriedKey(id: id, retries: retries)
        return try await client.send(RedisCommand("EXISTS", key: key)).integer == 1
    }
}
