import CeleryProtocol
import Connections
import Synchronization

/// What the pipeline tells, by the names that it has for things. Called by runners; nothing here waits.
extension EventSink {
    func received(_ run: TaskRun) { received(run.message) }

    func received(_ message: TaskMessage) {
        add(message.id, .received(TaskEvent.Description(message)))
    }

    /// The task was accepted: counts it, and tells.
    func started(_ run: TaskRun) {
        run.known.task.acceptedCount.add(1, ordering: .relaxed)
        add(run.message.id, .started)
    }

    /// - Parameter result: The value as JSON.
    func succeeded(_ run: TaskRun, result: [UInt8]) {
        let runtime = Double(run.elapsed(at: .now)) / 1e9
        add(run.message.id, .succeeded(result: PythonRepr.repr(json: result), runtime: runtime))
    }

    func failed(_ run: TaskRun, _ exception: ExceptionRecord, traceback: String) {
        add(run.message.id, .failed(exception: exception.pythonRepr, traceback: traceback))
    }

    /// - Parameter exception: Why it is tried again; nil where the task did not say.
    func retried(_ run: TaskRun, _ exception: ExceptionRecord?, traceback: String) {
        add(run.message.id, .retried(exception: exception?.pythonRepr ?? "None", traceback: traceback))
    }

    /// - Parameter signum: The number or name of the signal that ended it.
    func revoked(_ id: String, terminated: Bool, signum: CeleryValue = .null, expired: Bool) {
        add(id, .revoked(terminated: terminated, signum: signum, expired: expired))
    }

    func rejected(_ run: TaskRun, requeue: Bool) {
        add(run.message.id, .rejected(requeue: requeue))
    }

    /// The task was ended because the connection was lost.
    func cancelled(_ run: TaskRun) { add(run.message.id, .cancelled) }

    /// What a run's end means to monitors. An ignored task's end is not told, as by Celery.
    func ended(_ run: TaskRun, _ outcome: Outcome) {
        guard isEnabled else { return }
        switch outcome {
        case .succeeded(let result): succeeded(run, result: result)
        case .failed(let exception, let traceback): failed(run, exception, traceback: traceback)
        case .retry(_, let exception, let traceback): retried(run, exception, traceback: traceback)
        case .rejected(let rejected):
            if !rejected.requeue {
                failed(run, .reject(reason: rejected.reason, requeue: false), traceback: "")
            }
            self.rejected(run, requeue: rejected.requeue)
        case .revoked:
            let stop = run.state.withLock { $0.stop }
            let signal: CeleryValue = if case .terminated(let number) = stop { .int(Int(number)) } else { .null }
            revoked(run.message.id, terminated: true, signum: signal, expired: false)
        case .cancelled: cancelled(run)
        case .ignored, .replaced, .interrupted: break
        }
    }

    /// A message that is not run. Of those that can't be read nothing is told, as by Celery.
    func turnedAway(_ refusal: Admission.Refusal) {
        guard isEnabled, let sender = refusal.sender else { return }
        switch refusal.reason {
        case nil:
            revoked(sender.id, terminated: false, expired: refusal.revoked == .expired)
        case .unknownTask:
            // Not the exception's own repr (celery/worker/consumer/consumer.py, on_unknown_task).
            let name = PythonRepr.full(sender.exception.message.first ?? "")
            add(sender.id, .failed(exception: "NotRegistered(\(name))", traceback: nil))
        case .maxDeliveries:
            add(sender.id, .failed(exception: sender.exception.pythonRepr, traceback: ""))
        case .undecodable, .contentDisallowed, .invalid, .rejected: break
        }
    }
}

extension TaskEvent.Description {
    init(_ message: TaskMessage) {
        self.init(
            name: message.name,
            args: message.argsRepr,
            kwargs: message.kwargsRepr,
            rootID: message.rootID,
            parentID: message.parentID,
            retries: message.retries
        )
        eta = message.eta?.iso
        expires = message.expires?.iso
    }
}
