import CeleryWorker

/// Asks all workers never to run a task; or, who runs it to stop.
struct TaskRevoke: Action {
    static let name = "task-revoke"

    /// What `terminate` may send; the names that Celery's documentation names.
    private static let signals: Set = ["SIGTERM", "SIGKILL", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1"]

    private let id: String
    private let isTerminating: Bool
    private let signal: String

    init(_ form: ActionForm) throws(PageError) {
        id = try form.text("id")
        isTerminating = form.value("terminate") == "yes"
        signal = form.value("signal") ?? "SIGTERM"
        guard Self.signals.contains(signal) else { throw .badRequest("\(signal) is no signal that ends a task") }
    }

    var subject: String { id }
    var details: String { isTerminating ? "terminate with \(signal)" : "" }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        try await monitor.celery.control.revoke(id, terminate: isTerminating, signal: signal)
        return isTerminating ? "Workers were asked to terminate \(id)." : "Workers were asked not to run \(id)."
    }
}

/// Asks a task to stop by the state ABORTED, which it reads when it likes (`celery/contrib/abortable.py`).
struct TaskAbort: Action {
    static let name = "task-abort"

    private let id: String

    init(_ form: ActionForm) throws(PageError) { id = try form.text("id") }

    var subject: String { id }

    func run(_ monitor: Monitor, as identity: Identity) async throws -> String {
        try await monitor.celery.result(id).abort()
        return "\(id) was asked to stop; only an abortable task heeds it."
    }
}
