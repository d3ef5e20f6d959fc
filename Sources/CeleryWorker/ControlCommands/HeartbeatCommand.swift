import CeleryProtocol
import OrderedCollections

/// `heartbeat`: a monitor has come up and wants to know who is there.
struct HeartbeatCommand: ControlCommand {
    static let names = ["heartbeat"]
    static let ignoresUnknownArguments = false

    func run(on core: WorkerCore) -> CeleryValue? {
        let fields: CeleryMap = ["freq": 5]
        core.control.send(.event("worker-heartbeat", fields.merging(SoftwareInfo.fields) { $1 }))
        return .null
    }
}
