import CeleryProtocol
import OrderedCollections

/// `scheduled`: the tasks whose time has not come.
struct ScheduledTasks: ControlCommand {
    static let names = ["scheduled", "dump_schedule"]

    /// The priority of kombu's timer for tasks with an ETA (`celery/worker/strategy.py`).
    private static let priority = 6

    func run(on core: WorkerCore) -> CeleryValue? {
        .array(
            core.scheduledTasks(early: core.waitingMessages.early).map {
                ["eta": .string($0.eta.iso), "priority": .int(Self.priority), "request": $0.info]
            }
        )
    }
}
