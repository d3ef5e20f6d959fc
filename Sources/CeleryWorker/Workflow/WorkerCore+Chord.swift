import CeleryProtocol
import Connections
import Logging
import OrderedCollections

/// Counts a chord's parts and publishes its body when all have ended; see `ChordCommands` for how the count is kept.
extension WorkerCore {
    /// Counts a part. Returns when it is counted and, where it was the last, the body is published.
    ///
    /// - Throws: What Redis or the broker said; to be called again then, which does no harm.
    func join(_ membership: ChordMembership, _ report: WorkflowReport, _ cause: MessageInHand) async throws {
        guard let results else {
            logger.error("chord \(membership.group): no Redis result backend is configured, so its body never runs")
            return
        }
        let part = Self.part(membership.taskID, report)
        let token = TaskID.make()
        let isFirst = !cause.isRepeat
        var hasWaited = false
        while true {
            let reply = try await results.call(
                results.chords.countPart(
                    of: membership.group,
                    task: membership.taskID,
                    index: membership.index,
                    part: part,
                    token: token,
                    isFirst: isFirst
                )
            )
            switch ChordCount(reply) {
            case .incomplete, .done: return
            case .ours:
                return try await keepingLease(of: membership.group, token, results) {
                    try await complete(membership, token, results, cause, mayRepeat: hasWaited || !isFirst)
                }
            case .others:
                // Another worker publishes the body. If it should die over it, this part is still here to do it.
                guard cause.delivery.isCurrent else { return }
                hasWaited = true
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// `[1, id, state, result]` as Celery keeps it.
    private static func part(_ id: String, _ report: WorkflowReport) -> [UInt8] {
        var bytes = JSONWriter.bytes([1, .string(id), .string(report.state.rawValue)])
        bytes.removeLast()
        return bytes + Array(", ".utf8) + report.result + Array("]".utf8)
    }

    /// Renews the lease until the body has ended. It is short, because the parts that wait for it take slots.
    private func keepingLease(
        of group: String,
        _ token: String,
        _ results: RedisResults,
        _ body: () async throws -> Void
    ) async throws {
        let keeper = Task {
            while (try? await Task.sleep(for: ChordCommands.renewal)) != nil {
                // One that fails is made up for by the next; the lease may lapse meanwhile, which does no harm.
                _ = try? await results.call(results.chords.extendLease(of: group, token: token))
            }
        }
        defer { keeper.cancel() }
        try await body()
    }

    private func complete(
        _ membership: ChordMembership,
        _ token: String,
        _ results: RedisResults,
        _ cause: MessageInHand,
        mayRepeat: Bool
    ) async throws {
        let group = membership.group
        do {
            let values = try await results.chordValues(of: group)
            guard try await results.call(results.chords.extendLease(of: group, token: token)).integer == 1 else {
                logger.warning("chord \(group): its body is being published by another worker")
                return
            }
            var ids = ChildIDs(ofChord: group)
            let parent = cause.message
            var canvas = Canvas(parentID: parent.id, rootID: parent.rootID ?? parent.id) { ids.next() }
            let plan: CanvasPlan
            do {
                plan = try canvas.apply(membership.body, args: [.array(values)])
            } catch {
                throw ChordFailure(text: "Callback error: \(error)", cause: nil)
            }
            // A frozen signature that is applied again has the same ids: only a copy may be taken for one that has run.
            try await carryOut(plan, mayRepeat: mayRepeat, for: cause.delivery)
            _ = try await results.call(results.chords.finish(group, token: token))
        } catch let failure as ChordFailure {
            logger.error("Chord \(group) raised: \(failure.exception.pythonRepr)")
            try await fail(membership, failure, cause)
            _ = try await results.client.send(RedisCommand("DEL", key: results.chords.key(group, ".s")))
        }
    }

    /// The chord's body will not run: its errbacks are called, and it and what would have followed it fail
    /// (`celery/backends/base.py` `chord_error_from_stack`).
    func fail(_ membership: ChordMembership, _ failure: ChordFailure, _ cause: MessageInHand) async throws {
        let body = membership.body
        let report = WorkflowReport(
            state: .failure,
            result: JSONWriter.bytes(failure.exception.value),
            exception: failure.exception,
            traceback: nil
        )
        if body.subtaskType == "group" {
            try await failGroup(body, failure, cause)
        } else {
            var ids = ChildIDs(ofChord: membership.group)
            let id = body.options["task_id"]?.stringValue ?? ids.next()
            let group = try await callErrbacks(
                Signature.list(body.options["link_error"]),
                of: FailedTask(id: id, task: body.task),
                failure.exception,
                nil,
                cause: cause,
                ids: ChildIDs(ofErrbacks: id)
            )
            try await results?.store(
                ResultDocument(
                    taskID: id,
                    status: .failure,
                    result: report.result,
                    traceback: failure.exception.traceback(),
                    children: group.map { [$0.celeryValue] } ?? []
                )
            )
        }
        try await fail(Signature.list(body.options["chain"]), report, cause)
    }

    /// Each task of a group that was to be a chord's body fails by itself, with the error of the part
    /// (`_handle_group_chord_error`).
    private func failGroup(_ group: Signature, _ failure: ChordFailure, _ cause: MessageInHand) async throws {
        let exception = failure.cause ?? failure.exception
        let shared = Signature.list(group.options["link_error"])
        for task in Signature.list(group.kwargs["tasks"]) {
            let (id, own) = Self.resultAndErrbacks(task)
            guard let id else { continue }
            var errbacks: [Signature] = []
            for errback in own + shared where !errbacks.contains(errback) { errbacks.append(errback) }
            try await callErrbacks(
                errbacks,
                of: FailedTask(id: id, task: task.task),
                exception,
                nil,
                cause: cause,
                ids: ChildIDs(ofErrbacks: id)
            )
            try await storeFailure(exception, id)
        }
        if let id = group.options["task_id"]?.stringValue { try await storeFailure(exception, id) }
    }

    private func storeFailure(_ exception: ExceptionRecord, _ id: String) async throws {
        try await results?.store(
            ResultDocument(
                taskID: id,
                status: .failure,
                result: JSONWriter.bytes(exception.value),
                traceback: exception.traceback()
            )
        )
    }

    /// The id under which a signature's result will be found, and the errbacks of its tasks.
    private static func resultAndErrbacks(_ signature: Signature) -> (id: String?, errbacks: [Signature]) {
        var signature = signature
        var errbacks: [Signature] = []
        while signature.subtaskType == "chord",
            let body = signature.kwargs["body"].flatMap(Signature.init(celeryValue:))
        {
            errbacks += Signature.list(signature.options["link_error"])
            signature = body
        }
        errbacks += Signature.list(signature.options["link_error"])
        if signature.subtaskType == "group" {
            for task in Signature.list(signature.kwargs["tasks"]) { errbacks += resultAndErrbacks(task).errbacks }
        }
        return (signature.options["task_id"]?.stringValue, errbacks)
    }
}

/// What counting a part has shown.
private enum ChordCount {
    /// Others are to come, or the chord has failed.
    case incomplete
    /// The body was published before.
    case done
    /// This worker is to publish the body.
    case ours
    /// Another worker has that to do.
    case others

    init(_ reply: RedisValue) {
        let numbers = (reply.array ?? []).map { $0.integer ?? $0.text.flatMap(Int.init) }
        guard numbers.count == 4, let count = numbers[0], let added = numbers[1] else {
            self = .incomplete
            return
        }
        if count == -1 {
            self = .done
        } else if numbers[3] == 1 {
            self = .ours
        } else if let size = numbers[2], count >= size + added {
            self = .others
        } else {
            self = .incomplete
        }
    }
}
