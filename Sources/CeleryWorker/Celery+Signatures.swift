import CeleryProtocol
import Connections
import OrderedCollections

extension Celery {
    /// Sends the task of a signature, whatever else the signature asks for going with its message.
    func publish(_ signature: Signature) async throws {
        let id = signature.options["task_id"]?.stringValue ?? TaskID.make()
        let now = Timestamp(microsecondsSince1970: WallClock.microseconds)
        let draft = try TaskMessage.Draft(signature, id: id, origin: origin, now: now)
        let queue =
            signature.options["queue"]?.stringValue ?? configuration.catalogue.queue(forTask: signature.task).name
        try await publish([AMQPMessage(try draft.publication(routingKey: queue, now: now))])
    }
}
