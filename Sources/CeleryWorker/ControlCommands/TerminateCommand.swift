import CeleryProtocol
import OrderedCollections

/// `terminate`: `revoke` with `terminate`, and the signal first.
struct TerminateCommand: ControlCommand {
    static let names = ["terminate"]

    var signal: CeleryValue
    var taskID: CeleryValue

    private enum CodingKeys: String, CodingKey {
        case signal
        case taskID = "task_id"
    }

    func run(on core: WorkerCore) throws -> CeleryValue? {
        try RevokeCommand(taskID: taskID, terminate: true, signal: signal).run(on: core)
    }
}
