import CeleryProtocol
import OrderedCollections

/// What becomes of a record when an event comes: `Task.event` in `celery/events/state.py`.
///
/// Events may come in any order, since senders and workers tell each on their own, and again, when a monitor hears
/// twice. So states have a precedence, and a lower one adds to the record without changing its state. Times decide
/// where Celery lets any event win, which is around retries. The logical clock decides nothing: it begins anew with
/// every cluster (https://github.com/mher/flower/issues/831).
extension TaskRecord {
    /// `celery/states.py` PRECEDENCE, the highest first; states of custom events stand where `None` does there.
    private static let precedence = [
        "SUCCESS": 0, "FAILURE": 1, "REVOKED": 3, "STARTED": 4, "RECEIVED": 5, "REJECTED": 6, "RETRY": 7, "PENDING": 8,
    ]
    private static let customPrecedence = 2

    private static func precedence(of state: String) -> Int { precedence[state] ?? customPrecedence }

    private static let times: [String: any WritableKeyPath<TaskRecord, Double?> & Sendable] = [
        "sent": \.sent, "received": \.received, "started": \.started, "succeeded": \.succeeded, "failed": \.failed,
        "retried": \.retried, "revoked": \.revoked, "rejected": \.rejected,
    ]

    /// What the columns of a record tell of its past.
    var ownMoments: [TaskMoment] {
        Self.times.compactMap { subject, path in
            self[keyPath: path].map {
                TaskMoment(
                    type: "task-\(subject)",
                    time: $0,
                    worker: subject == "sent" ? client : worker,
                    text: nil
                )
            }
        }
    }

    /// An event's mark on a record.
    struct Change {
        /// Nothing: the event was here before.
        var isRepeated = false
        /// What the columns can't hold.
        var moments: [TaskMoment] = []
    }

    init(id: String, timestamp: Double) {
        self.init(id: id, name: nil, state: "PENDING", timestamp: timestamp)
    }

    /// Whether the event may be one of the moments that are kept beside the record.
    func mayKnow(_ event: TaskEventReading) -> Bool {
        guard let path = Self.times[event.subject] else { return true }
        return self[keyPath: path].map { event.timestamp < $0 } ?? false
    }

    /// - Parameter maxText: Bytes of a text that are kept.
    mutating func merge(_ event: TaskEventReading, maxText: Int) -> Change {
        var change = Change()
        let time = event.timestamp
        if let path = Self.times[event.subject] {
            let known = self[keyPath: path]
            guard known != time else { return Change(isRepeated: true) }
            if let known {
                let isOlder = time < known
                let earlier = isOlder ? event.hostname : event.isSent ? client : worker
                change.moments = [
                    TaskMoment(
                        type: event.type,
                        time: min(time, known),
                        worker: earlier,
                        text: isOlder ? event.detail : nil
                    )
                ]
                guard !isOlder else { return change }
            }
            self[keyPath: path] = time
        } else {
            guard state != event.state || timestamp != time else { return Change(isRepeated: true) }
            change.moments = [TaskMoment(type: event.type, time: time, worker: event.hostname, text: nil)]
        }
        if let detail = event.detail {
            change.moments.append(TaskMoment(type: event.type, time: time, worker: event.hostname, text: detail))
        }
        take(event, maxText)
        return change
    }

    private mutating func take(_ event: TaskEventReading, _ maxText: Int) {
        if event.isSent { client = event.hostname ?? client } else { worker = event.hostname ?? worker }
        let isAroundRetry = event.state == "RETRY" || state == "RETRY"
        let isEarlier =
            isAroundRetry
            ? event.timestamp < timestamp : Self.precedence(of: event.state) > Self.precedence(of: state)
        if !isEarlier { state = event.state }
        if !isEarlier || event.timestamp > timestamp { isOrphaned = false }
        timestamp = max(timestamp, event.timestamp)
        clock = event.integer("clock") ?? clock
        takeDescription(event, maxText)
        guard !isEarlier || event.state != "RECEIVED" else { return }
        takeOutcome(event, maxText, isEarlier: isEarlier)
    }

    /// Celery's merge rule of RECEIVED; what the sender tells is the same.
    private mutating func takeDescription(_ event: TaskEventReading, _ maxText: Int) {
        name = event.text("name") ?? name
        // Both tell the arguments; the worker's word stands, whichever came first (`merge_rules` there).
        if !event.isSent || received == nil {
            args = event.text("args", to: maxText) ?? args
            kwargs = event.text("kwargs", to: maxText) ?? kwargs
            retries = event.integer("retries") ?? retries
            eta = event.text("eta") ?? eta
            expires = event.text("expires") ?? expires
        }
        rootID = event.text("root_id") ?? rootID
        parentID = event.text("parent_id") ?? parentID
        exchange = event.text("exchange") ?? exchange
        routingKey = event.text("routing_key") ?? routingKey
        queue = event.text("queue") ?? queue ?? event.text("routing_key")
    }

    private mutating func takeOutcome(_ event: TaskEventReading, _ maxText: Int, isEarlier: Bool) {
        runtime = event.seconds("runtime") ?? runtime
        if !isEarlier || result == nil { result = event.text("result", to: maxText) ?? result }
        if !isEarlier || exception == nil {
            exception = event.text("exception", to: maxText) ?? exception
            traceback = event.text("traceback", to: maxText) ?? traceback
        }
    }
}

extension TaskEventReading {
    /// What a timeline says beside the event's name.
    var detail: String? {
        switch subject {
        case "retried": text("exception", to: 500)
        case "revoked":
            if fields["terminated"]?.boolValue == true {
                "terminated" + (text("signum", to: 20).map { " by signal \($0)" } ?? "")
            } else {
                fields["expired"]?.boolValue == true ? "expired" : nil
            }
        case "rejected": fields["requeue"]?.boolValue == true ? "put back into its queue" : nil
        default: nil
        }
    }
}
