import CeleryProtocol
import Connections
import Logging
import Synchronization

/// What happens to a message that was delivered before: its task may have run, wholly or in part.
extension WorkerCore {
    /// Whether a redelivered task is to run; if not, the message has been answered.
    ///
    /// Starts are counted in Redis per task and attempt, and only those of redelivered messages, when they start and
    /// not when they arrive: messages that merely waited at a worker that died are innocent.
    func mayStart(_ run: TaskRun) async -> Bool {
        await waitForTwin(of: run)
        guard let starts = await countStart(run) else { return false }
        run.state.withLock { $0.starts = starts }
        switch starts {
        case 0, -1:
            totals.duplicates.add(1, ordering: .relaxed)
            logger.debug("Task \(run.message.label) was delivered again after it had ended; not run")
            if starts == 0, await !finishChord(run) { return false }
            outbox.append(item(run.delivery, .acknowledge))
            return false
        case ...run.known.rules.maxDeliveries:
            return await !settleIfRevoked(run)
        default:
            await refuse(run.delivery, .tooManyDeliveries(run.message, starts: starts))
            return false
        }
    }

    /// The same message may still be running here, when the connection was lost under it: its end decides.
    private func waitForTwin(of run: TaskRun) async {
        guard running.twin(of: run) != nil else {
            // With one slot it can only come here when the other has ended, which may not be stored yet either.
            if running.takeOrphan(run) { await outboxSettled() }
            return
        }
        while let twin = running.twin(of: run) {
            await withCheckedContinuation { continuation in
                let isOver = twin.state.withLock { state in
                    guard !state.isSettled else { return true }
                    state.waiters.append { continuation.resume() }
                    return false
                }
                if isOver { continuation.resume() }
            }
            guard run.delivery.isCurrent else { return }
            await Task.yield()
        }
        // Its result may not be stored yet; what is stored by this worker goes over one connection, in order, but the
        // count below goes over another.
        await outboxSettled()
    }

    /// The number of this start; nil when the message is no longer ours.
    private func countStart(_ run: TaskRun) async -> Int? {
        guard let results else { return startCountOfBroker(run) }
        var delay = Duration.milliseconds(50)
        while run.delivery.isCurrent {
            do {
                return try await results.countStart(id: run.message.id, retries: run.message.retries)
            } catch {
                logger.debug("counting starts of \(run.message.id): \(error)")
                try? await Task.sleep(for: delay)
                delay = min(delay * 2, .seconds(5))
            }
        }
        return nil
    }

    /// Without Redis only quorum queues count (`x-delivery-count`), and deliveries instead of starts.
    private func startCountOfBroker(_ run: TaskRun) -> Int {
        guard case .int(let count)? = run.message.header("x-delivery-count") else { return 1 }
        return count + 1
    }

    /// A part of a chord that had succeeded when its worker died: the count, or the body that it was the last one for,
    /// may be missing. False when the message went back to the broker before that was seen to.
    func finishChord(_ run: TaskRun) async -> Bool {
        guard run.message.body.hasEmbed, let embed = try? run.message.body.embed,
            let membership = ChordMembership(run.message, embed)
        else { return true }
        return await untilDone(run.delivery, false, "counting \(run.message.label) in its chord") {
            guard let meta = try await self.results?.meta(of: run.message.id) else { return }
            let report = WorkflowReport(state: .success, result: JSONWriter.bytes(meta.result))
            let cause = MessageInHand(delivery: run.delivery, message: run.message)
            try await self.join(membership, report, cause)
        }
    }

    /// Notes that an attempt has sent its successor, so that a copy of it does not send another.
    func markRetried(_ run: TaskRun) async {
        guard let results else { return }
        try? await results.markRetried(id: run.message.id, retries: run.message.retries)
    }

    func storeStarted(_ run: TaskRun) async {
        guard !run.ignoresResult else { return }
        let meta: CeleryValue = ["pid": .int(Int(celery.processID)), "hostname": .string(nodename)]
        try? await store(document(run, status: .started, result: JSONWriter.bytes(meta)), of: run)
    }

    /// Stores a state that does not end the run; nothing without a backend.
    ///
    /// - Throws: `LeaseLost` when the task is another worker's by now.
    func store(_ document: ResultDocument, of run: TaskRun) async throws {
        guard let backend else { return }
        run.state.withLock { $0.hasStoredState = true }
        guard let hold = run.delivery.hold, let leases else {
            return try await backend.store(document, for: run.message)
        }
        guard try await leases.store(document, hold) else {
            loseLease(run)
            throw LeaseLost()
        }
    }
}
