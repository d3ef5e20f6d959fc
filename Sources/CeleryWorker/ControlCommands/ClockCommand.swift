import CeleryProtocol

/// `clock`: the logical clock.
struct ClockCommand: ControlCommand {
    static let names = ["clock"]

    func run(on core: WorkerCore) -> CeleryValue? { ["clock": .int(core.clock.value)] }
}
