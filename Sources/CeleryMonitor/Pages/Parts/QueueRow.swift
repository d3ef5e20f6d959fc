/// A queue as a row of a table, or at the head of its page.
struct QueueRow: Sendable {
    var name: String
    var path: String
    var type: String
    var stateText: String
    /// A class of style.css.
    var stateKind: String
    var ready: String
    var unacknowledged: String
    var inRate: String
    var outRate: String
    var consumers: String
    /// `3 min 2 s`, `–` for none, `unknown`.
    var oldest: String
    /// How that is known, or why not.
    var oldestWhy: String
    /// Made by `Sparkline`.
    var spark: String
    /// `rabbit@a, 3 of 3 in step`; nothing where there is one copy.
    var copies: String?
    var copiesAreBehind: Bool
    var priority: String
    var isBad: Bool
    var isPaused: Bool
    var dead: String?
    var deadPath: String

    init(_ queue: QueuePicture, in picture: BrokerPicture, spark: String = "", now: Double = Format.now) {
        name = queue.name
        path = "/queues/\(Format.path(queue.name))"
        type = queue.type
        ready = Format.count(queue.ready)
        unacknowledged = picture.isPartial ? "–" : Format.count(queue.unacknowledged)
        inRate = picture.isPartial ? "–" : Format.rate(queue.published)
        outRate = picture.isPartial ? "–" : Format.rate(queue.delivered)
        consumers = Format.count(queue.consumers)
        (oldest, oldestWhy) = Self.oldest(queue, now)
        self.spark = spark
        priority = queue.priority.map { "\($0)" } ?? ""
        isPaused = queue.isPaused
        let isAlone =
            queue.consumers == 0 && queue.ready > 0 && !queue.isPaused && !queue.isDeadLetters
            && !QueueNaming.isDelay(queue.name)
        isBad = isAlone
        (stateText, stateKind) = Self.state(queue, isAlone: isAlone)
        copies =
            queue.members.count > 1
            ? "\(queue.leader ?? "no leader"), \(queue.synchronized.count) of \(queue.members.count) in step" : nil
        copiesAreBehind = queue.synchronized.count < queue.members.count
        let letters = picture.queues.first { $0.name == "\(queue.name).dead" }
        dead = letters.flatMap { $0.ready > 0 ? Format.count($0.ready) : nil }
        deadPath = "/dead-letters/\(Format.path("\(queue.name).dead"))"
    }

    private static func state(_ queue: QueuePicture, isAlone: Bool) -> (String, String) {
        if queue.isPaused { return ("paused", "warning") }
        switch queue.state {
        case "down", "crashed", "stopped", "minority": return (queue.state ?? "", "critical")
        case "flow": return ("flow", "warning")
        default: break
        }
        if isAlone { return ("no consumer", "critical") }
        return queue.consumers > 0 ? ("consumed", "good") : ("idle", "off")
    }

    private static func oldest(_ queue: QueuePicture, _ now: Double) -> (String, String) {
        if let oldest = queue.oldest {
            let why =
                queue.oldestIsOfEvents ? "the oldest task of it by the events" : "the time that its sender wrote on it"
            return (Format.duration(max(0, now - oldest)), why)
        }
        if queue.ready == 0 { return ("–", "nothing waits") }
        return (
            "unknown",
            "The messages carry no time, and looking would disturb their order. Senders that tell of their tasks "
                + "(task_send_sent_event) make it known."
        )
    }
}
