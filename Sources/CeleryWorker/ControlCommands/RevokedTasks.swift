import CeleryProtocol
import OrderedCollections

/// `revoked`: the ids of revoked tasks, oldest first.
struct RevokedTasks: ControlCommand {
    static let names = ["revoked", "dump_revoked"]

    func run(on core: WorkerCore) -> CeleryValue? {
        .array(core.controls.revokedIDs(core).map { .string($0) })
    }
}
