/// Where a task's time went: a bar of its parts.
struct TaskSpans: Sendable {
    struct Span: Sendable {
        /// A class of style.css.
        var spanClass: String
        var spanName: String
        var spanLength: String
        /// Of the bar, in a hundred: attributes of SVG.
        var spanX: String
        var spanWidth: String
    }

    var spanList: [Span]
    var spanTotal: String

    /// The least width that is seen.
    private static let least = 0.6

    init(_ task: TaskRecord, now: Double) {
        let end = task.ended ?? (task.started != nil ? now : nil)
        let parts: [(String, String, Double?, Double?)] = [
            ("span-queued", "in the queue", task.sent, task.received ?? task.started),
            (
                "span-held", task.eta == nil ? "in the worker" : "for its time, in the worker", task.received,
                task.started
            ),
            (task.state == "FAILURE" ? "span-failed" : "span-run", task.isEnded ? "run" : "running", task.started, end),
        ]
        let spans = parts.compactMap { style, name, from, to -> (String, String, Double)? in
            guard let from, let to, to >= from else { return nil }
            return (style, name, to - from)
        }
        let total = spans.reduce(0) { $0 + $1.2 }
        spanTotal = Format.duration(total)
        let widths = spans.map { total > 0 ? max(Self.least, $0.2 / total * 100) : 0 }
        let scale = 100 / max(100, widths.reduce(0, +))
        var x = 0.0
        var list: [Span] = []
        for (span, width) in zip(spans, widths) {
            list.append(
                Span(
                    spanClass: span.0,
                    spanName: span.1,
                    spanLength: Format.duration(span.2),
                    spanX: Self.text(x),
                    spanWidth: Self.text(width * scale)
                )
            )
            x += width * scale
        }
        spanList = list
    }

    private static func text(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}

/// What happened to a task, as a line of its timeline.
struct MomentLine: Sendable {
    var momentName: String
    /// A class: nothing, `good`, `warning`, `critical`.
    var momentKind: String
    var time: FormattedTime
    var since: String
    var worker: String?
    var momentText: String?

    static func all(_ task: TaskRecord, _ moments: [TaskMoment]) -> [MomentLine] {
        let moments = moments.isEmpty ? told(task) : moments
        return moments.enumerated().map { place, moment in
            let before = place > 0 ? moments[place - 1].time : moment.time
            let name = moment.type.hasPrefix("task-") ? String(moment.type.dropFirst(5)) : moment.type
            return MomentLine(
                momentName: name,
                momentKind: kind(name),
                time: Format.time(moment.time),
                since: place == 0 ? "" : "+" + Format.duration(max(0, moment.time - before)),
                worker: moment.worker,
                momentText: moment.text.map { Format.short($0, 400) }
            )
        }
    }

    /// From the task's own times, when its moments are not kept any more.
    private static func told(_ task: TaskRecord) -> [TaskMoment] {
        [
            ("sent", task.sent), ("received", task.received), ("started", task.started), ("retried", task.retried),
            ("succeeded", task.succeeded), ("failed", task.failed), ("revoked", task.revoked),
            ("rejected", task.rejected),
        ].compactMap { name, time in
            time.map { TaskMoment(type: "task-\(name)", time: $0, worker: name == "sent" ? task.client : task.worker) }
        }.sorted { $0.time < $1.time }
    }

    private static func kind(_ name: String) -> String {
        switch name {
        case "succeeded": "good"
        case "failed", "rejected": "critical"
        case "retried", "revoked": "warning"
        default: ""
        }
    }
}

/// One run of a task, from its beginning to how it ended.
struct AttemptLine: Sendable {
    var number: Int
    var began: FormattedTime
    var length: String
    var attemptState: String
    var attemptClass: String
    var worker: String?
    var outcome: String?

    static func all(_ moments: [TaskMoment]) -> [AttemptLine] {
        var lines: [AttemptLine] = []
        var start: TaskMoment?
        func close(_ end: TaskMoment?, _ state: String) {
            guard let begun = start else { return }
            start = nil
            lines.append(
                AttemptLine(
                    number: lines.count + 1,
                    began: Format.time(begun.time),
                    length: end.map { Format.duration(max(0, $0.time - begun.time)) } ?? "–",
                    attemptState: state,
                    attemptClass: Format.stateClass(state),
                    worker: begun.worker,
                    outcome: end?.text.map { Format.short($0, 300) }
                )
            )
        }
        for moment in moments {
            switch moment.type {
            case "task-started":
                close(nil, "no end seen")
                start = moment
            case "task-succeeded": close(moment, "SUCCESS")
            case "task-failed": close(moment, "FAILURE")
            case "task-retried": close(moment, "RETRY")
            case "task-revoked": close(moment, "REVOKED")
            case "task-rejected": close(moment, "REJECTED")
            default: break
            }
        }
        close(nil, "STARTED")
        return lines
    }
}
