import CeleryProtocol
import Connections
import Logging
import Synchronization

/// The life of a message, from the runner that took it to the outbox. Read this first.
extension WorkerCore {
    /// Handles one delivery on a runner: admits it, runs it, settles it.
    func handle(_ entry: PriorityDispatch.Entry, lane index: Int, in task: RunnerTask) async {
        let delivery = Delivery(entry, lane: laneTable[index])
        task.current = nil
        // What came over a connection that is gone, the broker delivers again.
        guard delivery.isCurrent else { return runners.finished(lane: index) }
        switch admit(delivery) {
        case .run(let message, let known):
            if let limit = rateLimits.limit(of: known), await !mayStart(delivery, message, at: limit) { return }
            let leased = known.rules.isLeased ? leasable(delivery, message) : delivery
            let run = TaskRun(delivery: leased, message: message, known: known)
            task.current = run
            running.insert(run)
            if known.rules.blocks { runners.willBlock() }
            await process(run)
        case .later(let message, let eta): await postpone(delivery, message, until: eta)
        case .turnAway(let refusal): await turnAway(delivery, refusal)
        }
    }

    private func process(_ run: TaskRun) async {
        if let hold = run.delivery.hold {
            guard await uncancelled({ await self.takeLease(hold, run) }) else {
                // Whoever has claimed it, because it was revoked meanwhile, also finishes it.
                if run.claimSettlement() { finish(run) }
                return
            }
            run.begin()
        } else if run.isRepeat {
            guard await uncancelled({ await self.mayStart(run) }) else { return finish(run) }
            run.begin()
        }
        if !run.delivery.isAnnounced { events.received(run) }
        events.started(run)
        if run.known.rules.delivery == .atMostOnce { acknowledgeEarly(run.delivery) }
        if logsTasks { logger.info("Task \(run.message.label) received") }
        if configuration.worker.trackStarted { await storeStarted(run) }
        let outcome =
            run.known.rules.pool == .processes
            ? await processPool.execute(run) : await Execution.execute(run, TaskContext(run: run, core: self))
        stuck.ended(run)
        await settle(run, outcome)
    }

    /// Tells monitors of messages that wait for a slot, once they have waited for a moment: most never do, and are
    /// announced when they start.
    func announceWaiting() {
        for (entry, lane) in runners.announceWaiting(limit: 1000) {
            let delivery = Delivery(entry, lane: laneTable[lane])
            guard let message = try? decode(delivery), delivery.lane.tasks[message.task] != nil else { continue }
            events.received(message)
        }
    }

    private func decode(_ delivery: Delivery) throws(MessageError) -> TaskMessage {
        try TaskMessage.decode(
            properties: delivery.frame.properties,
            body: delivery.frame.body,
            in: delivery.batch.bytes,
            deliveryInfo: delivery.info,
            accept: accept,
            limits: limits,
            decompress: decompressBody
        )
    }

    /// Decodes a delivery and decides what to do with it.
    private func admit(_ delivery: Delivery) -> Admission {
        do throws(MessageError) {
            let message = try decode(delivery)
            return Admission.decide(
                message,
                task: overrides.applied(to: delivery.lane.tasks[message.task]),
                now: message.needsClock ? WallClock.microseconds : 0,
                revocation: revocations.revocation(of: message)
            )
        } catch {
            return .turnAway(.undecodable(error))
        }
    }

    /// Runs what must not end early when the run is cancelled: waits in a cancelled Swift task return at once.
    @discardableResult
    func uncancelled<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
        await Task(executorPreference: runners) { await body() }.value
    }

    /// The run is over, whatever became of it: its slot is free.
    func finish(_ run: TaskRun) {
        running.remove(run)
        if let hold = run.delivery.hold { released(hold, run.delivery.lane) }
        runners.finished(lane: run.delivery.lane.index)
        let waiters = run.state.withLock { state in
            state.isSettled = true
            state.handle = nil
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter() }
    }
}

extension TaskMessage {
    /// Whether the time decides what to do with it.
    fileprivate var needsClock: Bool { eta != nil || expires != nil }
}
