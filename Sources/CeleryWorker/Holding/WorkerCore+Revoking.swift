import CeleryProtocol
import Connections
import Logging
import Synchronization

/// Turning revoked tasks away.
extension WorkerCore {
    /// Settles a run that was revoked while it waited for leave to start. Returns whether it was.
    func settleIfRevoked(_ run: TaskRun) async -> Bool {
        guard let revocation = revocations.revocation(of: run.message) else { return false }
        let refusal = Admission.Refusal.revoked(run.message, by: revocation, ignoresResult: run.ignoresResult)
        await refuse(run.delivery, refusal)
        return true
    }
}

extension Admission.Refusal {
    /// - Parameter ignoresResult: Then nothing is stored (`celery/worker/request.py`, store_errors).
    static func revoked(_ message: TaskMessage, by revocation: Revocation, ignoresResult: Bool) -> Self {
        Self(
            reason: nil,
            sender: Sender(message, .revoked, .taskRevoked("revoked")),
            text: "Discarding revoked task: \(message.label)\(revocation.logSuffix)",
            message: message,
            revoked: .revoked,
            ignoresResult: ignoresResult
        )
    }

    static func expired(_ message: TaskMessage, ignoresResult: Bool = false) -> Self {
        Self(
            reason: nil,
            sender: Sender(message, .revoked, .taskRevoked("expired")),
            text: "Discarding revoked task: \(message.label)",
            message: message,
            revoked: .expired,
            ignoresResult: ignoresResult
        )
    }
}
