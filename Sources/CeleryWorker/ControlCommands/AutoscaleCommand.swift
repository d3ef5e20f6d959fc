import CeleryProtocol
import OrderedCollections

/// `autoscale`: changes the range in which the pool scales itself.
struct AutoscaleCommand: ControlCommand {
    static let names = ["autoscale"]
    static let ignoresUnknownArguments = false

    var max: Int?
    var min: Int?

    func run(on core: WorkerCore) throws -> CeleryValue? {
        guard let set = core.controls.setAutoscale, core.controls.autoscaler(core) != nil else {
            throw ExceptionRecord.valueError("Autoscale not enabled")
        }
        try set(core, (max, min))
        guard let now = core.controls.autoscaler(core) else { return .unavailable("autoscale") }
        return .ok("autoscale now max=\(now.maximum) min=\(now.minimum)")
    }
}
