import CeleryProtocol

/// `election`: the workers choose one among them, which then acts; see `Gossip`.
struct ElectionCommand: ControlCommand {
    static let names = ["election"]
    let id: String
    let topic: String
    let action: CeleryValue?

    func run(on core: WorkerCore) -> CeleryValue? {
        core.control.send(.election(id: id, topic: topic, action: action ?? .null))
        return .null
    }
}
