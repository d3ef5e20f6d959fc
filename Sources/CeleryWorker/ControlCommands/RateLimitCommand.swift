import CeleryProtocol
import Logging
import OrderedCollections

/// `rate_limit`: changes how often a task may start, until the worker ends.
struct RateLimitCommand: ControlCommand {
    static let names = ["rate_limit"]

    var taskName: CeleryValue
    var rateLimit: CeleryValue

    private enum CodingKeys: String, CodingKey {
        case taskName = "task_name"
        case rateLimit = "rate_limit"
    }

    func run(on core: WorkerCore) throws -> CeleryValue? {
        let limit: OptionalSetting<RateLimit>
        do throws(PythonRate.Failure) {
            limit = try PythonRate.parse(rateLimit)
        } catch {
            switch error {
            case .invalid(let exception): return .error("Invalid rate limit string: \(exception.pythonRepr)")
            case .raised(let exception): throw exception
            }
        }
        guard let name = taskName.stringValue, core.knows(task: name) else {
            core.logger.error("Rate limit attempt for unknown task \(PythonRepr.str(taskName))")
            return .error("unknown task")
        }
        guard let set = core.controls.setRateLimit else { return .unavailable("rate_limit") }
        try set(core, (name, limit.value))
        // The text "0" is no limit either, but Python takes it for true (celery/worker/control.py, rate_limit).
        guard rateLimit.isTrue else {
            core.logger.info("Rate limits disabled for tasks of type \(name)")
            return .ok("rate limit disabled successfully")
        }
        core.logger.info("New rate limit for tasks of type \(name): \(PythonRepr.str(rateLimit)).")
        return .ok("new rate limit set successfully")
    }
}
