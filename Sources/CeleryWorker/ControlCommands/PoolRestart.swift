import CeleryProtocol
import OrderedCollections

/// `pool_restart`: starts the pool's processes anew, where there are any. Python modules are not reloaded.
struct PoolRestart: ControlCommand {
    static let names = ["pool_restart"]

    var modules: CeleryValue?
    var reload: CeleryValue?
    var reloader: CeleryValue?

    func run(on core: WorkerCore) throws -> CeleryValue? {
        guard let restart = core.controls.restartPool else {
            throw ExceptionRecord.valueError("Pool restarts not enabled")
        }
        try restart(core, ())
        return .ok("reload started")
    }
}
