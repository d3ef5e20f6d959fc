/// Whether the system is well, and if not, what needs attention: one line and a list.
struct Verdict: Sendable {
    struct Line: Sendable {
        /// A class of style.css: `note`, `warning`, `critical`.
        var severity: String
        var severityWord: String
        var text: String
        var advice: String
        var link: String?
        var since: FormattedTime?
    }

    var verdictClass: String
    var verdictTitle: String
    var verdictText: String
    var findings: [Line]

    /// How many are listed at most.
    private static let most = 12

    init(_ monitor: Monitor, findings: [Finding], now: Double) {
        var found = findings
        let workers = monitor.fleet.workers
        let alive = workers.count(where: \.isAlive)
        if alive == 0 {
            found.append(Self.noWorkers(workers))
        }
        let alerts = monitor.alerts.firing.filter { alert in
            !alert.isAcknowledged && !found.contains { Self.tells($0, alert) }
        }
        let all: [Graded] = alerts.map { Graded($0, now: now) } + found.map { Graded($0) }
        let sorted = all.enumerated().sorted { one, other in
            one.element.severity == other.element.severity
                ? one.offset < other.offset : one.element.severity > other.element.severity
        }.map(\.element)
        self.findings = sorted.prefix(Self.most).map(\.line)
        if sorted.count > Self.most {
            let rest = "and \(Format.count(sorted.count - Self.most)) more"
            self.findings.append(Line(severity: "note", severityWord: "note", text: rest, advice: ""))
        }
        let serious = sorted.filter { $0.severity > Finding.Severity.note }
        if let worst = serious.first {
            verdictClass = Self.name(worst.severity)
            verdictTitle =
                "\(Format.number(serious.count, "thing")) \(serious.count == 1 ? "needs" : "need") attention"
            verdictText = ""
        } else {
            verdictClass = "good"
            verdictTitle = "All is well"
            verdictText = "\(Format.number(alive, "worker")) at work, and nothing to report."
        }
    }

    /// Whether a finding says what an alert says: as grave, and of the same thing.
    private static func tells(_ finding: Finding, _ alert: FiringAlert) -> Bool {
        finding.text == alert.text
            || !alert.subject.isEmpty && finding.severity == alert.severity && finding.text.contains(alert.subject)
    }

    /// With a capital and a full stop.
    private static func sentence(_ text: String) -> String {
        guard let last = text.last else { return "" }
        return text.prefix(1).uppercased() + text.dropFirst() + (".!?".contains(last) ? "" : ".")
    }

    /// A line, and how grave it is.
    private struct Graded {
        var severity: Finding.Severity
        var line: Line

        init(_ alert: FiringAlert, now: Double) {
            severity = alert.severity
            let isNamed = alert.subject.isEmpty || alert.text.contains(alert.subject)
            line = Line(
                severity: Verdict.name(severity),
                severityWord: Verdict.name(severity),
                text: isNamed ? alert.text : "\(alert.subject): \(alert.text)",
                advice: Verdict.sentence(alert.advice),
                link: "/alerts",
                since: Format.time(alert.since, now: now)
            )
        }

        init(_ finding: Finding) {
            severity = finding.severity
            line = Line(
                severity: Verdict.name(severity),
                severityWord: Verdict.name(severity),
                text: finding.text,
                advice: Verdict.sentence(finding.advice),
                link: finding.link
            )
        }
    }

    private static func noWorkers(_ workers: [WorkerStatus]) -> Finding {
        workers.isEmpty
            ? Finding(
                severity: .warning,
                text: "No worker has been heard of",
                advice: "Start a worker with events: chard worker -E, or celery -A app worker -E.",
                link: "/workers"
            )
            : Finding(
                severity: .critical,
                text: "No worker is alive; the last of \(Format.count(workers.count)) was heard "
                    + Format.ago(Format.now - (workers.map(\.lastHeard).max() ?? 0)),
                advice: "Look whether the workers run and reach the broker.",
                link: "/workers"
            )
    }

    static func name(_ severity: Finding.Severity) -> String {
        switch severity {
        case .note: "note"
        case .warning: "warning"
        case .critical: "critical"
        }
    }
}
