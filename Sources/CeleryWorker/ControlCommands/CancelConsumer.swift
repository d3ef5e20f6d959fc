import CeleryProtocol
import OrderedCollections

/// `cancel_consumer`: stops consuming a queue. What runs goes on.
struct CancelConsumer: ControlCommand {
    static let names = ["cancel_consumer"]

    var queue: String

    func run(on core: WorkerCore) throws -> CeleryValue? {
        guard let cancel = core.controls.cancelConsumer else { return .unavailable("cancel_consumer") }
        try core.checkIsNoPartition(queue)
        try cancel(core, queue)
        return .ok("no longer consuming from \(queue)")
    }
}
