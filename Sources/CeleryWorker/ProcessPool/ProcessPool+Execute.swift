import CeleryProtocol
import Connections
import Logging
import Synchronization

extension ProcessPool {
    /// Runs a task's body in a child, as `Execution.execute` does here.
    ///
    /// Time limits count from when a child takes it; waiting for one is bounded by the slots of its queue.
    func execute(_ run: TaskRun) async -> Outcome {
        run.pause()
        let job = takeJobNumber()
        while let child = await acquire() {
            // Ended from outside while it waited.
            guard !run.state.withLock({ $0.isSettled }) else {
                release(child)
                break
            }
            switch await child.perform(run, job: job) {
            case .answered(let answer):
                run.state.withLock { state in
                    state.children += answer.children
                    state.hasStoredState = state.hasStoredState || answer.hasStoredState
                    state.retryArguments = answer.retryArguments
                }
                return answer.outcome
            case .lost(let status):
                return Self.outcome(of: run, lostBy: "Worker exited prematurely: \(status) Job: \(job).")
            case .notBegun: continue
            }
        }
        // Not begun, and it will not be: the worker ends, or the run was stopped while it waited.
        return .interrupted
    }

    /// What the loss of a run's process means: by default the broker delivers the message again, which is bounded by
    /// `max_deliveries`; with `reject_on_worker_lost: false`, or when it is acknowledged already, a failure
    /// (`celery/worker/request.py`, `on_failure`).
    static func outcome(of run: TaskRun, lostBy text: String) -> Outcome {
        if run.state.withLock({ $0.stop == .shutdown }) { return .interrupted }
        let rules = run.known.rules
        if rules.delivery == .atLeastOnce, rules.rejectOnWorkerLost ?? true {
            return .rejected(TaskRejected(text, requeue: true))
        }
        let exception = ExceptionRecord.workerLost(text)
        return .failed(exception, traceback: exception.traceback())
    }
}
