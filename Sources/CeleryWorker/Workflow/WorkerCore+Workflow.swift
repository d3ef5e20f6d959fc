import CeleryProtocol
import Connections
import Logging
import OrderedCollections
import Synchronization

/// Carries out what a task's end means for others: what its success causes, and what its workflow learns of it.
extension WorkerCore {
    /// A planner for what a run publishes: ids that are the same when the run is repeated, and the run as the parent.
    func canvas(for message: TaskMessage) -> Canvas {
        let ids = Mutex(ChildIDs(of: message))
        return Canvas(parentID: message.id, rootID: message.rootID ?? message.id) { ids.withLock { $0.next() } }
    }

    /// The outcome, and what it makes the worker publish; a signature that cannot be applied is a failure of the task,
    /// as in Celery.
    func withLinks(_ outcome: Outcome, _ run: TaskRun) -> (Outcome, [CanvasPlan]) {
        do {
            switch outcome {
            case .succeeded(let json) where run.message.body.hasEmbed:
                let embed = try run.message.body.embed
                guard !embed.callbacks.isEmpty || !embed.chain.isEmpty else { return (outcome, []) }
                var canvas = canvas(for: run.message)
                let result = try JSONParser.parse(json)
                let plans = try SuccessLinks.plans(embed, result: result, canvas: &canvas)
                try ensureChordsAllowed(plans)
                run.state.withLock { $0.children += plans.flatMap(\.children).map(\.celeryValue) }
                return (outcome, plans)
            case .replaced(let signature):
                var canvas = canvas(for: run.message)
                let task = try ReplacedTask(run.message)
                let plan = try canvas.replacement(of: task, with: signature)
                try ensureChordsAllowed([plan])
                return (outcome, [plan])
            default:
                return (outcome, [])
            }
        } catch {
            let known = (error as? CanvasError)?.exceptionRecord ?? (error as? ExceptionRecord)
            let exception = known ?? .valueError("\(error)")
            return (.failed(exception, traceback: exception.traceback(of: run)), [])
        }
    }

    /// Publishes what a run causes, again and again until it is confirmed; false when the delivery went back to the
    /// broker before that.
    func publish(_ plans: [CanvasPlan], of run: TaskRun) async -> Bool {
        await untilDone(
            run.delivery,
            run.known.rules.delivery == .atMostOnce,
            "publishing what \(run.message.label) causes"
        ) { isRepeat in
            let mayRepeat = run.isRepeat || isRepeat
            for plan in plans { try await self.carryOut(plan, mayRepeat: mayRepeat, for: run.delivery) }
        }
    }

    /// Stores the end of a task that others wait for, and tells them: its chord, the rest of its chain, its errbacks.
    ///
    /// Returns when all of it is done; false when the delivery went back to the broker before that.
    func tell(
        _ report: WorkflowReport,
        of cause: MessageInHand,
        document: ResultDocument?,
        isOnlyCopy: Bool = false
    ) async -> Bool {
        let message = cause.message
        guard let embed = try? message.body.embed else { return true }
        return await untilDone(cause.delivery, isOnlyCopy, "telling the workflow of \(message.label)") { isRepeat in
            var cause = cause
            cause.isRepeat = cause.isRepeat || isRepeat
            if let document { try await self.backend?.store(document, for: message) }
            if let membership = ChordMembership(message, embed) { try await self.join(membership, report, cause) }
            guard let exception = report.exception else { return }
            try await self.fail(embed.chain, report, cause)
            try await self.callErrbacks(
                embed.errbacks,
                of: FailedTask(message),
                exception,
                report.traceback,
                cause: cause,
                ids: ChildIDs(ofErrbacks: message.id, retries: message.retries)
            )
        }
    }

    /// Stores the failure for the tasks of a chain that will not run, and counts them in the chords they are part of.
    func fail(_ chain: [Signature], _ report: WorkflowReport, _ cause: MessageInHand) async throws {
        for task in FailedChain.tasks(chain) {
            let id = task.options["task_id"]?.stringValue
            let membership = ChordMembership(task)
            var hasFailed = false
            if let membership, let stored = try await results?.meta(of: membership.taskID) {
                hasFailed = stored.status == .failure || stored.status == .revoked
            }
            if let id {
                try await results?.store(
                    ResultDocument(
                        taskID: id,
                        status: report.state,
                        result: report.result,
                        traceback: report.traceback,
                        groupID: task.options["group_id"]?.stringValue,
                        parentID: task.options["parent_id"]?.stringValue
                    )
                )
            }
            if let membership, !hasFailed { try await join(membership, report, cause) }
        }
    }

    func carryOut(_ plan: CanvasPlan, mayRepeat: Bool = true, for delivery: Delivery) async throws {
        try await celery.carryOut(plan, mayRepeat: mayRepeat, builtinsQueue: delivery.lane.queue.name)
    }

    /// Repeats `body` until it has not thrown. False when the delivery went back to the broker before; with
    /// `isOnlyCopy` nobody else has the message, and it goes on.
    func untilDone(
        _ delivery: Delivery,
        _ isOnlyCopy: Bool,
        _ what: String,
        _ body: @Sendable () async throws -> Void
    ) async -> Bool {
        await untilDone(delivery, isOnlyCopy, what) { _ in try await body() }
    }

    /// As above; `body` is told whether it is repeated.
    func untilDone(
        _ delivery: Delivery,
        _ isOnlyCopy: Bool,
        _ what: String,
        _ body: @Sendable (_ isRepeat: Bool) async throws -> Void
    ) async -> Bool {
        var delay = Duration.milliseconds(200)
        var isRepeat = false
        while true {
            do {
                try await body(isRepeat)
                return true
            } catch {
                logger.error("\(what): \(error); trying again in \(delay.secondsText) s")
            }
            isRepeat = true
            guard delivery.isCurrent || isOnlyCopy else { return false }
            try? await Task.sleep(for: delay)
            delay = min(delay * 2, .seconds(10))
        }
    }
}
