import CeleryProtocol
import Logging
import OrderedCollections

/// `time_limit`: changes the time limits of a task for its next runs, until the worker ends.
struct TimeLimitCommand: ControlCommand {
    static let names = ["time_limit"]

    var taskName: CeleryValue?
    /// Seconds; nothing for no limit.
    var hard: CeleryValue?
    var soft: CeleryValue?

    private enum CodingKeys: String, CodingKey {
        case taskName = "task_name"
        case hard, soft
    }

    func run(on core: WorkerCore) throws -> CeleryValue? {
        guard let name = taskName?.stringValue, core.knows(task: name) else {
            core.logger.error("Change time limit attempt for unknown task \(PythonRepr.str(taskName ?? .null))")
            return .error("unknown task")
        }
        let limits = TaskOverrides.TimeLimits(soft: try Self.limit(soft), hard: try Self.limit(hard))
        core.overrides.setTimeLimits(limits, task: name)
        let texts = [limits.soft, limits.hard].map { $0?.secondsText ?? "None" }
        core.logger.info("New time limits for tasks of type \(name): soft=\(texts[0]) hard=\(texts[1])")
        return .ok("time limits set successfully")
    }

    private static func limit(_ value: CeleryValue?) throws(ExceptionRecord) -> Duration? {
        guard let value, value.isTrue else { return nil }
        let seconds = value.doubleValue ?? value.stringValue.flatMap(Double.init)
        guard let seconds, seconds > 0, seconds.isFinite else {
            throw .valueError("a time limit must be a positive number of seconds, not \(PythonRepr.full(value))")
        }
        return .seconds(min(seconds, 1e9))
    }
}
