import CeleryProtocol
import OrderedCollections

/// `pool_grow`: lets more tasks run at once.
struct PoolGrow: ControlCommand {
    static let names = ["pool_grow"]

    var n: Int?

    func run(on core: WorkerCore) throws -> CeleryValue? {
        guard core.controls.autoscaler(core) == nil else {
            return .error("pool_grow is not supported with autoscale. Adjust autoscale range instead.")
        }
        guard let grow = core.controls.growPool else { return .unavailable("pool_grow") }
        try grow(core, n ?? 1)
        return .ok("pool will grow")
    }
}
