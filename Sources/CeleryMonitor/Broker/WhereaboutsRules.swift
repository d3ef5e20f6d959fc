import CeleryProtocol

/// What the traces of a task mean. Pure.
enum WhereaboutsRules {
    static func judge(_ traces: TaskTraces) -> Whereabouts {
        Whereabouts(
            verdict: verdict(traces),
            evidence: [
                events(traces), store(traces), workers(traces), revoked(traces), delays(traces), queue(traces),
                dead(traces),
            ]
            .compactMap { $0 }
        )
    }

    // MARK: The verdict: what is certain comes first

    private static func verdict(_ traces: TaskTraces) -> String {
        if let reason = traces.deadReason {
            return "It could not be run and lies with the dead letters of \(queueText(traces)): \(reason)."
        }
        if let stored = traces.stored, TaskState(rawValue: stored).isReady { return "It has ended: \(stored)." }
        let holders = traces.holders.sorted { $0.key < $1.key }
        if let (worker, _) = holders.first(where: { $0.value == "active" }) { return "It is running at \(worker)." }
        if let (worker, _) = holders.first(where: { $0.value == "reserved" }) {
            return "\(worker) has fetched it, and it waits there for a free slot."
        }
        if let (worker, _) = holders.first(where: { $0.value == "scheduled" }) {
            return "\(worker) has it and waits for its time\(etaText(traces))."
        }
        if traces.isRevoked == true { return "It is revoked: the worker that gets it will drop it." }
        if let record = traces.record, record.isEnded { return "It has ended: \(record.state)." }
        if isEarly(traces) { return "It waits in the broker for its time\(etaText(traces))." }
        if traces.record?.state == "RETRY" { return "It failed and waits for its next try." }
        return waiting(traces)
    }

    private static func waiting(_ traces: TaskTraces) -> String {
        guard traces.record != nil || traces.stored != nil else {
            return "Nobody knows it: it was never sent, or so long ago that it is forgotten, or its sender tells no "
                + "events (task_send_sent_event)."
        }
        guard let queue = traces.queue else {
            return "It is probably in \(queueText(traces)), which the broker does not show."
        }
        if queue.isPaused { return "It probably waits in queue \(queue.name), which is paused." }
        if queue.ready == 0, queue.unacknowledged == 0 {
            return
                "Nobody has it: queue \(queue.name) is empty. It was lost with a worker that acknowledges early, was "
                + "purged, or went to another queue."
        }
        if queue.consumers == 0 { return "It probably waits in queue \(queue.name), which nobody consumes." }
        if queue.ready == 0 {
            return
                "It is probably at a worker that did not answer: queue \(queue.name) has only messages that workers hold."
        }
        return "It probably waits in queue \(queue.name)."
    }

    // MARK: The evidence

    private static func events(_ traces: TaskTraces) -> Whereabouts.Evidence? {
        guard let record = traces.record else { return .init(source: "events", text: "no event of it was heard") }
        var text = "\(record.state), \(Format.duration(max(0, traces.now - record.timestamp))) ago"
        if let worker = record.worker { text += ", by \(worker)" }
        if let eta = record.eta { text += "; not before \(eta)" }
        return .init(source: "events", text: text)
    }

    private static func store(_ traces: TaskTraces) -> Whereabouts.Evidence? {
        if let problem = traces.resultProblem {
            return .init(source: "result store", text: "could not be asked: \(problem)")
        }
        return .init(source: "result store", text: traces.stored.map { "has \($0)" } ?? "has nothing of it")
    }

    private static func workers(_ traces: TaskTraces) -> Whereabouts.Evidence? {
        if let problem = traces.workersProblem {
            return .init(source: "workers", text: "could not be asked: \(problem)")
        }
        if traces.holders.isEmpty {
            let count = traces.workers
            return .init(
                source: "workers",
                text: count == 0 ? "none answers" : "none of \(count == 1 ? "one" : "\(count)") has it"
            )
        }
        let text = traces.holders.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        return .init(source: "workers", text: text)
    }

    private static func revoked(_ traces: TaskTraces) -> Whereabouts.Evidence? {
        traces.isRevoked.map { .init(source: "revoked tasks", text: $0 ? "it is among them" : "it is not among them") }
    }

    private static func delays(_ traces: TaskTraces) -> Whereabouts.Evidence? {
        guard let delayed = traces.delayed, delayed > 0 || isEarly(traces) else { return nil }
        return .init(
            source: "delay queues",
            text:
                "\(messages(delayed)) of all tasks together wait\(delayed == 1 ? "s" : "") for their time in the broker"
        )
    }

    /// Which place it has can't be known without taking the messages in front of it out of the queue.
    private static func queue(_ traces: TaskTraces) -> Whereabouts.Evidence? {
        guard let name = traces.queueName else { return nil }
        guard let queue = traces.queue else {
            return .init(source: "queue \(name)", text: traces.brokerProblem ?? "there is no such queue")
        }
        var text = "\(messages(queue.ready)) wait\(queue.ready == 1 ? "s" : "") there"
        if queue.ready > 0 { text += ", ahead of it or behind it" }
        text += "; workers hold \(queue.unacknowledged); \(queue.consumers) consumer\(queue.consumers == 1 ? "" : "s")"
        if queue.isPaused { text += "; paused" }
        return .init(source: "queue \(name)", text: text)
    }

    private static func dead(_ traces: TaskTraces) -> Whereabouts.Evidence? {
        if let reason = traces.deadReason { return .init(source: "dead letters", text: "it is there: \(reason)") }
        guard let seen = traces.deadSeen else { return nil }
        return .init(
            source: "dead letters",
            text: seen == 0 ? "there are none" : "not among the \(seen) that were read"
        )
    }

    // MARK: Words

    private static func messages(_ count: Int) -> String { "\(count) message\(count == 1 ? "" : "s")" }

    private static func queueText(_ traces: TaskTraces) -> String {
        traces.queueName.map { "queue \($0)" } ?? "its queue"
    }

    private static func etaText(_ traces: TaskTraces) -> String { traces.record?.eta.map { ", \($0)" } ?? "" }

    private static func isEarly(_ traces: TaskTraces) -> Bool {
        guard let eta = traces.record?.eta, let time = Timestamp(iso: eta) else { return false }
        return Double(time.microsecondsSince1970) / 1e6 > traces.now
    }
}
