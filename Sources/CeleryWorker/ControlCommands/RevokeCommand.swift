import CeleryProtocol
import Connections
import Logging
import OrderedCollections

/// `revoke`: workers will not run the tasks; with `terminate` also stops those that run.
struct RevokeCommand: ControlCommand {
    static let names = ["revoke"]

    /// One id or a list.
    var taskID: CeleryValue
    var terminate: CeleryValue?
    var signal: CeleryValue?

    private enum CodingKeys: String, CodingKey {
        case taskID = "task_id"
        case terminate, signal
    }

    func run(on core: WorkerCore) throws -> CeleryValue? {
        guard let revoke = core.controls.revoke else { return .unavailable("revoke") }
        let elements = taskID.asList.unique
        let ids = elements.compactMap(\.stringValue)
        // Before anything happens: a wrong name must not leave half of it done.
        let signal = terminate?.isTrue == true ? try SignalName.normalized(signal) : nil
        try revoke(core, ids)
        guard let signal else {
            core.logger.info("Tasks flagged as revoked: \(ids.joined(separator: ", "))")
            return .ok("tasks \(PythonSet.repr(elements)) flagged as revoked")
        }
        let known = try core.terminate(ids, signal)
        return .ok(known.isEmpty ? "terminate: tasks unknown" : "terminate: \(known.joined(separator: ", "))")
    }
}

extension WorkerCore {
    /// Stops those that run; those that are here and have not begun are revoked and so will not.
    ///
    /// - Returns: The ids of both.
    fileprivate func terminate(_ ids: [String], _ signal: String) throws -> [String] {
        let wanted = Set(ids)
        let runs = running.all.filter { wanted.contains($0.message.id) }
        for run in runs {
            logger.info("Terminating \(run.message.id) (\(signal))")
            try controls.terminate?(self, (run, signal))
        }
        let messages = waitingMessages
        let waiting = (messages.reserved + messages.early).map(\.id) + held.all().map(\.id)
        return (runs.map(\.message.id) + waiting.filter(wanted.contains)).unique
    }
}
