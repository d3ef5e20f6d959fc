import CeleryProtocol
import Connections
import Logging

extension TaskMessage {
    /// `name[id]` for the log; a sender cannot forge lines by what it puts into them.
    var label: String {
        let label = "\(name)[\(id)]"
        guard label.utf8.contains(where: { $0 < 0x20 }) else { return label }
        return String(label.unicodeScalars.map { $0.value < 0x20 ? "?" : Character($0) })
    }
}

/// The lines that Celery's worker writes about tasks (`celery/app/trace.py`), for people and scripts that look for
/// them.
extension WorkerCore {
    func log(_ run: TaskRun, _ outcome: Outcome) {
        let task = "Task \(run.message.label)"
        switch outcome {
        case .succeeded(let value):
            let runtime = Double(run.elapsed(at: .now)) / 1e9
            logger.info("\(task) succeeded in \(runtime)s: \(PythonRepr.repr(json: value))")
        case .failed(let exception, let traceback):
            logger.error("\(task) raised unexpected: \(exception.pythonRepr)\n\(traceback)")
        case .retry(let delay, let exception, _):
            let cause = exception.map { ": \($0.pythonRepr)" } ?? ""
            logger.info("\(task) retry: Retry in \(delay.secondsText)s\(cause)")
        case .rejected(let rejected):
            logger.warning("\(task) rejected: \(rejected.reason) (requeue=\(rejected.requeue ? "True" : "False"))")
        case .ignored:
            logger.info("\(task) ignored")
        case .replaced(let signature):
            logger.info("\(task) replaced by \(signature.task)")
        case .revoked(let reason):
            logger.info("\(task) revoked: \(reason)")
        case .cancelled:
            logger.warning("\(task) was cancelled with the connection; the broker delivers it again")
        case .interrupted:
            logger.warning("\(task) was stopped with the worker; the broker delivers it again")
        }
    }
}
