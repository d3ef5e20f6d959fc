import CeleryProtocol
import Logging
import OrderedCollections

/// `shutdown`: ends the worker warmly. There is no reply, as in Celery.
struct ShutdownCommand: ControlCommand {
    static let names = ["shutdown"]

    var msg: CeleryValue?

    func run(on core: WorkerCore) throws -> CeleryValue? {
        guard let shutDown = core.controls.shutDown else { return .unavailable("shutdown") }
        core.logger.warning("\(msg.map(PythonRepr.str) ?? "Got shutdown from remote")")
        try shutDown(core, ())
        return nil
    }
}
