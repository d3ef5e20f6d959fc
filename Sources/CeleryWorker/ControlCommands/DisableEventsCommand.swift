import CeleryProtocol

/// `disable_events`: send no more task events. Those of a worker that was started with `-E` cannot be disabled.
struct DisableEventsCommand: ControlCommand {
    static let names = ["disable_events"]
    static let ignoresUnknownArguments = false

    func run(on core: WorkerCore) -> CeleryValue? {
        guard core.events.disable() else { return .ok("task events already disabled") }
        core.logger.info("Events of group {task} disabled by remote.")
        return .ok("task events disabled")
    }
}
