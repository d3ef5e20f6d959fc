import CeleryProtocol
import Connections
import Logging

/// The lines that Celery's worker writes about tasks (`celery/app/trace.py`), for people and scripts that look for them.
extension WorkerCore {
    func log(_ run: TaskRun, _ outcome: Outcome) {
        let task = "Task \(run.message.name)[\(run.message.id)]"
        switch outcome {
        case .succeeded(let value):
            let runtime = Double(MonotonicTime.now.nanoseconds(since: run.started)) / 1e9
            logger.info("\(task) succeeded in \(runtime)s: \(repr(value))")
        case .failed(let exception, let traceback):
            logger.error("\(task) raised unexpected: \(exception.pythonRepr)\n\(traceback)")
        case .retry(let delay, let exception, _):
            let cause = exception.map { ": \($0.pythonRepr)" } ?? ""
            logger.info("\(task) retry: Retry in \(delay.secondsText)s\(cause)")
        case .rejected(let rejected):
            logger.warning("\(task) rejected: \(rejected.reason) (requeue=\(rejected.requeue ? "True" : "False"))")
        case .ignored:
            logger.info("\(task) ignored")
        }
    }

    private func repr(_ json: [UInt8]) -> String {
        // A result of megabytes is not parsed for a line of a thousand characters.
        guard json.count < 1 << 16, let value = try? JSONParser.parse(json) else { return "<\(json.count) bytes>" }
        return PythonRepr.repr(value)
    }
}
