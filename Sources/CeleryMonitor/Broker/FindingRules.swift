import CeleryProtocol
import Connections

/// The places where the sources disagree, or where something is not as it should be. Pure: the same situation always
/// gives the same findings.
enum FindingRules {
    /// Older answers of workers say nothing about now; seconds.
    static let freshness = 120.0
    /// Clocks that differ by less do not matter; seconds.
    static let tolerableDrift = 5.0

    /// The gravest first.
    static func findings(_ situation: Situation) -> [Finding] {
        let all =
            broker(situation) + nodes(situation) + consumers(situation) + copies(situation) + unacknowledged(situation)
            + pausedQueues(situation) + deadLetters(situation) + silentWorkers(situation) + events(situation)
            + clocks(situation) + endedSilently(situation) + gaps(situation)
        return all.enumerated().sorted { ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset) }
            .map(\.element)
    }

    // MARK: The broker

    static func broker(_ situation: Situation) -> [Finding] {
        guard let problem = situation.broker.problem else { return [] }
        return [
            Finding(
                severity: situation.broker.isPartial ? .note : .critical,
                text: problem,
                advice: situation.broker.advice ?? "",
                link: "/broker"
            )
        ]
    }

    static func nodes(_ situation: Situation) -> [Finding] {
        situation.broker.nodes.flatMap { node -> [Finding] in
            guard node.running else {
                return [
                    Finding(
                        severity: .critical,
                        text: "The broker's node \(node.name) is down.",
                        advice: "Start it; queues that had their only copy there are not available until then.",
                        link: "/broker"
                    )
                ]
            }
            let alarms = node.alarmTexts.map { text in
                Finding(
                    severity: .critical,
                    text: "The broker takes no messages: \(text).",
                    advice: "Free what is short there, or raise its limit; senders wait until then.",
                    link: "/broker"
                )
            }
            guard let lost = node.partitions, !lost.isEmpty else { return alarms }
            return alarms + [
                Finding(
                    severity: .critical,
                    text: "The broker's cluster is split: \(node.name) has lost sight of \(list(lost)).",
                    advice: "Restart the side that is to be given up (rabbitmq.com/docs/partitions).",
                    link: "/broker"
                )
            ]
        }
    }

    static func copies(_ situation: Situation) -> [Finding] {
        shown(situation).compactMap { queue in
            let behind = queue.members.filter { !queue.synchronized.contains($0) }
            guard !behind.isEmpty else { return nil }
            let hasMajority = queue.synchronized.count * 2 > queue.members.count
            let isBlocked = queue.type == "quorum" && !hasMajority
            return Finding(
                severity: isBlocked ? .critical : .warning,
                text: "Queue \(queue.name) is not in step on \(list(behind)).",
                advice: isBlocked
                    ? "Without a majority of its members it takes and gives nothing: start them."
                    : "If \(queue.leader ?? "its leader") fails now, messages may get lost; wait for the copies or start them.",
                link: link(queue.name)
            )
        }
    }

    // MARK: Broker and workers

    static func consumers(_ situation: Situation) -> [Finding] {
        guard situation.broker.time > 0 else { return [] }
        return shown(situation).compactMap { queue in
            guard queue.consumers == 0, !queue.isPaused, !queue.isDeadLetters else { return nil }
            let claiming = claims(queue.name, situation)
            if !claiming.isEmpty {
                return Finding(
                    severity: .critical,
                    text:
                        "The broker knows no consumer of queue \(queue.name), which \(list(claiming)) claim\(claiming.count == 1 ? "s" : "") to consume.",
                    advice: "Their connection may be lost without their noticing: look at their logs, restart them.",
                    link: link(queue.name)
                )
            }
            guard queue.ready > 0 else { return nil }
            return Finding(
                severity: .critical,
                text:
                    "\(count(queue.ready, "message")) wait\(queue.ready == 1 ? "s" : "") in queue \(queue.name), and nobody consumes it.",
                advice: "Start a worker for it: chard worker -Q \(queue.name), or add it to one on its page.",
                link: link(queue.name)
            )
        }
    }

    /// Workers hold at most their prefetch and what runs; more unacknowledged messages are held by nobody who tells.
    static func unacknowledged(_ situation: Situation) -> [Finding] {
        guard isFresh(situation), !situation.broker.isPartial else { return [] }
        return shown(situation).compactMap { queue in
            let claiming = claims(queue.name, situation)
            guard queue.unacknowledged > 0, queue.consumers == 0 else { return nil }
            return Finding(
                severity: .warning,
                text:
                    "\(count(queue.unacknowledged, "message")) of queue \(queue.name) are with somebody who consumes it no longer.",
                advice: claiming.isEmpty
                    ? "They are running at workers that stopped consuming, or being looked at; they come back when that ends."
                    : "Restart \(list(claiming)); the broker then gives them to others.",
                link: link(queue.name)
            )
        }
    }

    static func pausedQueues(_ situation: Situation) -> [Finding] {
        situation.paused.values.sorted { $0.queue < $1.queue }.flatMap { paused -> [Finding] in
            let note = Finding(
                severity: .note,
                text: "Queue \(paused.queue) is paused by \(paused.who).",
                advice: "Resume it on its page; \(count(paused.consumers.count, "worker")) will consume it again.",
                link: link(paused.queue)
            )
            let consuming = claims(paused.queue, situation)
            guard !consuming.isEmpty else { return [note] }
            return [
                note,
                Finding(
                    severity: .warning,
                    text:
                        "Queue \(paused.queue) is paused, but \(list(consuming)) consume\(consuming.count == 1 ? "s" : "") it.",
                    advice: "Workers that started later consume what their settings say: pause it again.",
                    link: link(paused.queue)
                ),
            ]
        }
    }

    static func deadLetters(_ situation: Situation) -> [Finding] {
        situation.broker.queues.compactMap { queue in
            guard queue.isDeadLetters, let before = situation.deadBefore[queue.name] else {
                return nil
            }
            let grown = queue.ready - before
            guard grown > 0 else { return nil }
            let source = QueueNaming.source(ofDeadLetters: queue.name)
            return Finding(
                severity: .warning,
                text: "\(count(grown, "message")) of queue \(source) could not be run in the last ten minutes.",
                advice: "Their reasons are with the dead letters.",
                link: "/dead-letters/\(encoded(queue.name))"
            )
        }
    }

    // MARK: Workers and events

    static func silentWorkers(_ situation: Situation) -> [Finding] {
        guard isFresh(situation) else { return [] }
        let answering = Set(situation.reports.filter { $0.value.asked >= situation.surveyed }.keys)
        let alive = situation.workers.filter(\.isAlive)
        let silent = alive.filter { !answering.contains($0.name) && $0.lastHeard < situation.surveyed }
        let unheard = answering.subtracting(alive.map(\.name)).sorted()
        return silent.map { worker in
            Finding(
                severity: .warning,
                text: "\(worker.name) sends heartbeats, but did not answer when it was asked.",
                advice: "It is very busy, or its remote control is off (worker_enable_remote_control).",
                link: "/workers/\(encoded(worker.name))"
            )
        }
            + unheard.map { name in
                Finding(
                    severity: .warning,
                    text: "\(name) answers, but no heartbeat of it is heard.",
                    advice: "It was started without heartbeats, or its events do not come through.",
                    link: "/workers/\(encoded(name))"
                )
            }
    }

    static func events(_ situation: Situation) -> [Finding] {
        let mute = situation.workers.filter { worker in
            guard worker.isAlive, let before = situation.before[worker.name], let processed = worker.processed else {
                return false
            }
            return processed - before.processed >= 3 && worker.taskEvents == before.events
        }
        guard !mute.isEmpty else { return [] }
        return [
            Finding(
                severity: .warning,
                text: "\(list(mute.map(\.name))) run\(mute.count == 1 ? "s" : "") tasks without telling of them.",
                advice:
                    "Start workers with -E, or press Enable events on their pages; until then their tasks are missing here.",
                link: mute.count == 1 ? "/workers/\(encoded(mute[0].name))" : "/workers"
            )
        ]
    }

    static func clocks(_ situation: Situation) -> [Finding] {
        situation.workers.filter { $0.isAlive && $0.drift.magnitude > tolerableDrift }.map { worker in
            let seconds = Int(exactly: worker.drift.magnitude.rounded()) ?? .max
            return Finding(
                severity: .warning,
                text:
                    "The clock of \(worker.name) is \(count(seconds, "second")) \(worker.drift > 0 ? "ahead" : "behind").",
                advice: "Let both machines keep their time (ntp, chrony); ETAs and durations are wrong until then.",
                link: "/workers/\(encoded(worker.name))"
            )
        }
    }

    static func gaps(_ situation: Situation) -> [Finding] {
        guard let last = situation.gaps.max(by: { $0.to < $1.to }) else { return [] }
        let length = situation.gaps.reduce(0) { $0 + max(0, $1.to - $1.from) }
        return [
            Finding(
                severity: .note,
                text: "Nobody listened to events for \(Format.duration(length)) of the last hour: \(last.reason).",
                advice: "What happened then is missing in counts and charts; results and queues are not affected.",
                link: "/"
            )
        ]
    }

    static func endedSilently(_ situation: Situation) -> [Finding] {
        guard let first = situation.endedSilently.first else { return [] }
        let tasks = situation.endedSilently
        return [
            Finding(
                severity: .note,
                text: tasks.count == 1
                    ? "Task \(first.id) is \(first.stored) in the result store, and \(first.state) by its events."
                    : "\(tasks.count) tasks have ended by the result store, and not by their events.",
                advice: "Events got lost, while the monitor or the broker was away; the result store is right.",
                link: "/tasks/\(encoded(first.id))"
            )
        ]
    }
}

extension FindingRules {
    private static func shown(_ situation: Situation) -> [QueuePicture] {
        situation.broker.queues.filter { !QueueNaming.isInternal($0.name) }
    }

    /// Workers that say they consume the queue, and are not known to be gone.
    private static func claims(_ queue: String, _ situation: Situation) -> [String] {
        guard isFresh(situation) else { return [] }
        let gone = Set(situation.workers.filter { !$0.isAlive }.map(\.name))
        return situation.reports.filter { name, report in
            report.asked >= situation.surveyed && !gone.contains(name) && report.queueNames?.contains(queue) == true
        }.map(\.key).sorted()
    }

    private static func isFresh(_ situation: Situation) -> Bool {
        situation.surveyed > 0 && situation.now - situation.surveyed < freshness
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// At most three names, and how many more.
    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(3)
        guard names.count > 3 else {
            return shown.count < 2
                ? shown.joined() : "\(shown.dropLast().joined(separator: ", ")) and \(shown[shown.count - 1])"
        }
        return "\(shown.joined(separator: ", ")) and \(names.count - 3) more"
    }

    private static func link(_ queue: String) -> String { "/queues/\(encoded(queue))" }

    static func encoded(_ name: String) -> String { PathPart.encoded(name) }
}
