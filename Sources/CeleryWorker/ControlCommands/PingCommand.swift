import CeleryProtocol

/// `ping`: is the worker there?
struct PingCommand: ControlCommand {
    static let names = ["ping"]

    func run(on core: WorkerCore) -> CeleryValue? { .ok("pong") }
}
