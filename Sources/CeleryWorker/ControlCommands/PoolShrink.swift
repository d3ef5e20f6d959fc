import CeleryProtocol
import OrderedCollections

/// `pool_shrink`: lets fewer tasks run at once.
struct PoolShrink: ControlCommand {
    static let names = ["pool_shrink"]

    var n: Int?

    func run(on core: WorkerCore) throws -> CeleryValue? {
        guard core.controls.autoscaler(core) == nil else {
            return .error("pool_shrink is not supported with autoscale. Adjust autoscale range instead.")
        }
        guard let shrink = core.controls.shrinkPool else { return .unavailable("pool_shrink") }
        try shrink(core, n ?? 1)
        return .ok("pool will shrink")
    }
}
