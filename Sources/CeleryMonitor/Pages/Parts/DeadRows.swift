/// Dead letters of one cause as a row.
struct DeadGroupRow: Sendable {
    var fingerprint: String
    var groupPath: String
    var examplePath: String
    var taskName: String
    var reasonName: String
    var line: String
    var countText: String
    var oldest: FormattedTime?
    var newest: FormattedTime?
    var isChosen: Bool

    init(_ group: DeadGroup, queue: String, chosen: String? = nil) {
        let path = "/dead-letters/\(Format.path(queue))"
        fingerprint = group.fingerprint
        groupPath = "\(path)?group=\(group.fingerprint)"
        examplePath = "\(path)/\(group.example)"
        taskName = Format.short(group.task ?? "no task that can be read", 200)
        reasonName = Format.short(group.reason, 60)
        line = Format.short(group.line, 300)
        countText = Format.count(group.count)
        oldest = Format.time(group.oldest)
        newest = Format.time(group.newest)
        isChosen = group.fingerprint == chosen
    }
}

/// One dead letter as a row.
struct DeadLetterRow: Sendable {
    var key: String
    var letterPath: String
    var taskID: String
    var taskName: String
    var reasonName: String
    var line: String
    var died: FormattedTime?
    var sizeText: String
    var retries: Int

    init(_ letter: DeadMessage) {
        key = letter.key
        letterPath = "/dead-letters/\(Format.path(letter.queue))/\(letter.key)"
        taskID = Format.short(letter.taskID ?? letter.key, 60)
        taskName = Format.short(letter.task ?? "no task that can be read", 200)
        reasonName = Format.short(letter.reason, 60)
        line = Format.short(letter.firstLine, 200)
        died = Format.time(letter.time)
        sizeText = Format.bytes(letter.size)
        retries = letter.retries
    }
}

/// A requeue or a drop, under way or of late.
struct DeadJobRow: Sendable {
    var jobID: Int
    var jobTitle: String
    var jobLine: String
    var jobRuns: Bool
    var jobSeen: Int
    var jobTotal: Int
    var jobKind: String
    var jobState: String
    var canCancel: Bool
    var began: FormattedTime

    init(_ job: DeadJob, canOperate: Bool) {
        let progress = job.progress
        jobID = job.id
        jobTitle =
            "\(job.order.deed.isDrop ? "Drop" : "Requeue") \(job.order.what) of \(job.order.queue), by \(job.order.who)"
        jobLine = job.line
        jobRuns = progress.isRunning
        jobSeen = progress.seen
        jobTotal = max(progress.total ?? 1, 1)
        (jobState, jobKind) =
            progress.isRunning
            ? (progress.problem == nil ? "running" : "waiting", progress.problem == nil ? "started" : "warning")
            : progress.problem != nil
                ? ("failed", "critical") : progress.isCancelled ? ("cancelled", "off") : ("done", "good")
        canCancel = canOperate && progress.isRunning && !progress.isCancelled
        began = Format.time(job.started)
    }
}

extension DeadOrder {
    /// Which messages, in words.
    var what: String {
        switch selection {
        case .all: "all"
        case .group: "a group"
        case .one: "one message"
        }
    }
}
