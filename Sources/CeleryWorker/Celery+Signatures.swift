import CeleryProtocol
import Connections

extension Celery {
    /// Sends the task of a signature, whatever else the signature asks for going with its message.
    func publish(_ signature: Signature) async throws {
        let now = Timestamp(microsecondsSince1970: WallClock.microseconds)
        let message = try SignatureMessage(signature, celery: self, now: now, mayRepeat: false)
        try await publish(message.publication, delay: message.delay)
    }
}
