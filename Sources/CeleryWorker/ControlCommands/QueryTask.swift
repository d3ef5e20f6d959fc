import CeleryProtocol
import OrderedCollections

/// `query_task`: what this worker has of the given ids; those that it does not know are left out.
struct QueryTask: ControlCommand {
    static let names = ["query_task"]

    var ids: CeleryValue

    func run(on core: WorkerCore) -> CeleryValue? {
        let wanted = Set(ids.asList.compactMap(\.stringValue))
        guard !wanted.isEmpty else { return [:] }
        var found: CeleryMap = [:]
        for run in core.running.all where wanted.contains(run.message.id) {
            found[run.message.id] = ["active", core.taskInfo(run.message, run: run)]
        }
        guard found.count < wanted.count else { return .map(found) }
        let waiting = core.waitingMessages
        for message in waiting.reserved where wanted.contains(message.id) && found[message.id] == nil {
            found[message.id] = ["reserved", core.taskInfo(message)]
        }
        for entry in core.scheduledTasks(early: waiting.early) where wanted.contains(entry.id) && found[entry.id] == nil
        {
            found[entry.id] = ["scheduled", entry.info]
        }
        return .map(found)
    }
}
