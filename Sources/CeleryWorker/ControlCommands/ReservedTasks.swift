import CeleryProtocol
import OrderedCollections

/// `reserved`: the messages that are here and wait for a slot.
struct ReservedTasks: ControlCommand {
    static let names = ["reserved", "dump_reserved"]

    func run(on core: WorkerCore) -> CeleryValue? { .array(core.waitingMessages.reserved.map { core.taskInfo($0) }) }
}
