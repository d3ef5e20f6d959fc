import CeleryProtocol
import OrderedCollections

/// `active`: the tasks that run now.
struct ActiveTasks: ControlCommand {
    static let names = ["active", "dump_active"]

    /// Whether to show the arguments as the texts that the sender made of them.
    var safe: CeleryValue?

    func run(on core: WorkerCore) -> CeleryValue? {
        .array(core.running.all.map { core.taskInfo($0.message, run: $0, safe: safe?.isTrue == true) })
    }
}
