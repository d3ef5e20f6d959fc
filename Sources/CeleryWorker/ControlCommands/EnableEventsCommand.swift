import CeleryProtocol

/// `enable_events`: begin to send task events.
struct EnableEventsCommand: ControlCommand {
    static let names = ["enable_events"]
    static let ignoresUnknownArguments = false

    func run(on core: WorkerCore) -> CeleryValue? {
        guard core.events.enable() else { return .ok("task events already enabled") }
        core.logger.info("Events of group {task} enabled by remote.")
        return .ok("task events enabled")
    }
}
