/// A task as a row of a table.
struct TaskLine: Sendable {
    var id: String
    var shortID: String
    var path: String
    var taskName: String
    var state: String
    var stateClass: String
    /// Its worker is gone, and nobody will tell how it ended.
    var isLost: Bool
    var worker: String?
    var workerPath: String?
    var queue: String?
    var tenant: String?
    var client: String?
    var rootID: String?
    var parentID: String?
    var sent: FormattedTime?
    var received: FormattedTime?
    var started: FormattedTime?
    var ended: FormattedTime?
    var newest: FormattedTime
    var runtime: String?
    var waited: String?
    var retries: Int
    var args: String?
    var kwargs: String?
    var result: String?
    var exception: String?
    var eta: String?
    var expires: String?
    var routingKey: String?

    /// - Parameter now: Seconds since 1970.
    init(_ task: TaskRecord, now: Double = Format.now) {
        id = task.id
        shortID = task.id.count > 13 ? String(task.id.prefix(8)) : task.id
        path = "/tasks/\(Format.path(task.id))"
        taskName = task.name ?? "unknown task"
        state = task.state
        stateClass = Format.stateClass(task.state)
        isLost = task.isOrphaned
        worker = task.worker
        workerPath = task.worker.map { "/workers/\(Format.path($0))" }
        (queue, tenant, client, rootID, parentID) = (task.queue, task.tenant, task.client, task.rootID, task.parentID)
        sent = Format.time(task.sent, now: now)
        received = Format.time(task.received, now: now)
        started = Format.time(task.started, now: now)
        ended = Format.time(task.ended, now: now)
        newest = Format.time(task.timestamp, now: now)
        runtime = Format.duration(task.runtime)
        if let began = task.received, let started = task.started, started >= began {
            waited = Format.duration(started - began)
        }
        retries = task.retries
        func cut(_ text: String?) -> String? { text.map { Format.short($0, 120) } }
        (args, kwargs) = (cut(task.args), cut(task.kwargs))
        (result, exception) = (cut(task.result), cut(task.exception))
        (eta, expires, routingKey) = (task.eta, task.expires, task.routingKey)
    }
}
